package dev.gantry.convention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.gantry.cli.batch.CollectCommand;
import dev.gantry.cli.batch.ExportCommand;
import dev.gantry.cli.batch.SubmitCommand;
import dev.gantry.cli.explain.ExplainCommand;
import dev.gantry.cli.operator.LanesCommand;
import dev.gantry.cli.operator.SpoolCommand;
import dev.gantry.config.SettingsBinder;
import dev.gantry.simulator.SimulatorSettings;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.core.env.SimpleCommandLinePropertySource;
import org.springframework.core.env.StandardEnvironment;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Every command that a paper shows is one that can be typed. */
class PaperCommandsTest {
    private static final String JAR = "gantry.jar";
    private static final Pattern IN_LINE = Pattern.compile("`([^`]+)`");
    private static final Pattern OPTIONAL = Pattern.compile("\\s*\\[([^]]+)\\]");
    private static final Pattern WORD = Pattern.compile("(?:\"[^\"]*\"|'[^']*'|[^\\s\"'])+");
    private static final Pattern TEST = Pattern.compile("(?<=-Dtest='?)[\\w*]+(?:#\\w+)?");

    /** What a usage line leaves to the user. */
    private static final Pattern PLACEHOLDER = Pattern.compile("\\b[A-Z]{2,}(?:_[A-Z]+)*\\b");

    static Set<String> gantryCommands() {
        return new TreeSet<>(
                shown().filter(line -> line.contains(JAR + " "))
                        .map(line -> line.replaceFirst("^id=\\$\\((.*)\\)$", "$1"))
                        .map(line -> line.substring(line.indexOf(JAR) + JAR.length()).strip())
                        .flatMap(PaperCommandsTest::forms)
                        .toList());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("gantryCommands")
    void isUnderstood(String command) {
        List<String> words = words(command);

        assertThatCode(() -> parse(words.getFirst(), words.subList(1, words.size())))
                .doesNotThrowAnyException();
    }

    @Test
    void everyCommandIsShown() {
        assertThat(gantryCommands())
                .extracting(command -> words(command).getFirst())
                .contains(
                        "work",
                        "submit",
                        "collect",
                        "explain",
                        "export",
                        "lanes",
                        "spool",
                        "migrate",
                        "simulate");
    }

    static Set<String> mavenTests() {
        return new TreeSet<>(
                shown().filter(line -> line.startsWith("mvn ") || line.startsWith("-Dtest="))
                        .flatMap(line -> TEST.matcher(line).results())
                        .map(MatchResult::group)
                        .toList());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mavenTests")
    void runsATestThatExists(String test) throws IOException {
        String[] parts = test.split("#", -1);
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + parts[0] + ".java");
        try (Stream<Path> files = Files.walk(Path.of("src"))) {
            List<Path> classes = files.filter(file -> matcher.matches(file.getFileName())).toList();
            assertThat(classes).isNotEmpty();
            if (parts.length > 1) {
                assertThat(Files.readString(classes.getFirst()))
                        .contains("void " + parts[1] + "()");
            }
        }
    }

    private static void parse(String command, List<String> arguments) {
        switch (command) {
            case "submit" -> SubmitCommand.parse(arguments);
            case "collect" -> CollectCommand.parse(arguments);
            case "export" -> ExportCommand.parse(arguments);
            case "explain" -> ExplainCommand.parse(arguments);
            case "lanes" -> LanesCommand.parse(arguments);
            case "spool" -> SpoolCommand.parse(arguments);
            case "simulate" -> SimulatorSettings.parse(arguments);
            case "work", "migrate" ->
                    assertThat(arguments)
                            .allMatch(each -> each.matches("--[\\w.-]+\\.[\\w.-]+=.+"));
            default -> throw new AssertionError("no command " + command);
        }
        StandardEnvironment environment = new StandardEnvironment();
        environment
                .getPropertySources()
                .addFirst(
                        new SimpleCommandLinePropertySource(
                                arguments.stream()
                                        .filter(each -> each.startsWith("--gantry."))
                                        .toArray(String[]::new)));
        SettingsBinder.bind(environment);
    }

    /** Whole lines of code blocks, and code in the text. */
    private static Stream<String> shown() {
        return Paper.all().stream()
                .flatMap(
                        paper ->
                                Stream.concat(
                                        paper.blocks().stream()
                                                .flatMap(block -> commandLines(block.text())),
                                        IN_LINE.matcher(String.join(" ", paper.prose()))
                                                .results()
                                                .map(code -> code.group(1))));
    }

    private static Stream<String> commandLines(String block) {
        return block.replaceAll("\\\\\n\\s*", "")
                .lines()
                .map(line -> line.replaceFirst("^\\$ ", "").replaceFirst(" [|>] .*", "").strip());
    }

    /** A usage line as it is without what is optional, and with each of it. */
    private static Stream<String> forms(String command) {
        List<String> forms = new ArrayList<>();
        String plain = OPTIONAL.matcher(command).replaceAll("");
        forms.add(filled(plain));
        for (MatchResult option : OPTIONAL.matcher(command).results().toList()) {
            forms.add(filled(plain + " " + option.group(1)));
        }
        return forms.stream();
    }

    private static String filled(String command) {
        StringBuilder filled = new StringBuilder();
        int number = 0;
        List<String> words = words(command);
        for (String word : words) {
            String value = PLACEHOLDER.matcher(word).matches() ? "x" + number++ : word;
            filled.append(value.contains(" ") ? "'" + value + "'" : value).append(' ');
        }
        return filled.toString().strip();
    }

    /** As a shell takes them apart. */
    private static List<String> words(String command) {
        return WORD.matcher(command)
                .results()
                .map(word -> word.group().replaceAll("[\"']", ""))
                .toList();
    }
}
