package dev.gantry.launch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.cli.Terminal;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a command line means. Only what is written rightly starts a worker, which goes on. */
class CommandsTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            textBlock =
"""
--version                 | 0  | gantry 0.1.0, built 20
-V                        | 0  | gantry 0.1.0, built 20
version                   | 0  | gantry 0.1.0, built 20
work --version            | 0  | gantry 0.1.0, built 20
--help                    | 0  | usage: java -jar gantry.jar [COMMAND]
-h                        | 0  | usage: java -jar gantry.jar [COMMAND]
help                      | 0  | usage: java -jar gantry.jar [COMMAND]
help submit               | 0  | usage: submit FILE
submit --help             | 0  | usage: submit FILE
help work                 | 0  | usage: work
migrate --help            | 0  | usage: migrate
simulate --help           | 0  | usage: java -jar gantry.jar simulate
help sumbit               | 2  | gantry: unknown command sumbit, did you mean submit?
fly                       | 2  | gantry: unknown command fly
-x                        | 2  | gantry: unknown option -x
--verson                  | 2  | gantry: unknown option --verson
--debug                   | 2  | gantry: unknown option --debug
--gantry.worker.group     | 2  | gantry: unknown option --gantry.worker.group
work --dry-run            | 2  | work: unknown option --dry-run
work --gantry.worker.group g | 2 | work: a property is written with its value: --gantry.worker.group=VALUE
work now                  | 2  | work: unexpected now
migrate now               | 2  | migrate: unexpected now
migrate -v                | 2  | migrate: unknown option -v
lanes --gantry.worker.grup=x | 2 | command line: gantry.worker.grup: there is no such key, did you mean group?
lanes --sprng.kafka.x=y   | 2  | command line: sprng: there is no such key, did you mean spring?
submit                    | 2  | submit: FILE is missing
simulate --port many      | 2  | simulate: --port
spool --spring.config.location=file:gone.yml | 2 | Config data resource
work --gantry.worker.group=g | -1 | ''
--gantry.worker.group=g   | -1 | ''
""")
    void answersOrRefuses(String line, int code, String expected) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(said, true, StandardCharsets.UTF_8);

        int ended = Commands.ask(List.of(line.split(" ", -1)), Terminal.plain(stream, stream));

        assertThat(said.toString(StandardCharsets.UTF_8)).startsWith(expected);
        assertThat(ended).isEqualTo(code);
    }
}
