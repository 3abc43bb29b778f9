package dev.gantry.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.cli.batch.CollectCommand;
import dev.gantry.cli.batch.SubmitCommand;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;
import java.util.Map;
import java.util.Set;

class CommandLineTest {
    private static final CommandLine.Grammar GRAMMAR =
            new CommandLine.Grammar("cmd", Set.of("out"), Set.of("json"), "usage: cmd");

    @Test
    void takesArgumentsApart() {
        List<String> args =
                List.of("-", "--out", "a b", "--spring.x=1", "--json", "--gantry.y=", "--", "--z");

        CommandLine line = GRAMMAR.parse(args);

        assertThat(line)
                .isEqualTo(
                        new CommandLine(
                                List.of("-", "--z"),
                                Map.of("out", "a b"),
                                Set.of("json"),
                                List.of("--spring.x=1", "--gantry.y=")));
        assertThat(GRAMMAR.parse(List.of("--out=a=b")).value("out")).hasValue("a=b");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    --nope           | unknown option --nope; allowed are --json, --out
                    -o x             | unknown option -o; allowed are --json, --out
                    --gantry.y       | a property is written with its value: --gantry.y=VALUE
                    --out            | option --out needs a value
                    --out --json     | option --out needs a value
                    --out=           | option --out needs a value, got an empty one
                    --out a --out=b  | option --out is given twice: a and b
                    --json=yes       | option --json takes no value, got --json=yes
                    --springy=1      | unknown option --springy; allowed are --json, --out
                    """)
    void refusesWhatItDoesNotKnow(String args, String message) {
        List<String> words = List.of(args.split(" ", -1));

        assertThatThrownBy(() -> GRAMMAR.parse(words))
                .isInstanceOf(UsageException.class)
                .hasMessage("cmd: " + message)
                .extracting(each -> ((UsageException) each).usage())
                .isEqualTo("usage: cmd");
    }

    @ParameterizedTest(name = "submit {0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    --json                      | submit: FILE is missing
                    a b                         | submit: expected one FILE, got a b
                    a --batch-id b/c            | submit: --batch-id "b/c" is not allowed
                    a --out x --errors ./x      | submit: --out and --errors are the same file: x
                    a --out ./a                 | --out or --errors would overwrite the batch file a
                    """)
    void submitRefusesWhatItCannotDo(String args, String message) {
        List<String> words = List.of(args.split(" ", -1));

        assertThatThrownBy(() -> SubmitCommand.parse(words))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest(name = "collect {0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    --out x        | collect: BATCH_ID is missing
                    b              | collect: option --out is required
                    b/c --out x    | collect: BATCH_ID "b/c" is not allowed
                    b --no-wait    | collect: unknown option --no-wait
                    """)
    void collectRefusesWhatItCannotDo(String args, String message) {
        List<String> words = List.of(args.split(" ", -1));

        assertThatThrownBy(() -> CollectCommand.parse(words))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(message);
    }
}
