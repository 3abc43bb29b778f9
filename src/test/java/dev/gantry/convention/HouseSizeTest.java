package dev.gantry.convention;

import static org.assertj.core.api.Assertions.assertThat;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.summingLong;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** No piece grows until nobody can hold it in the head, and no name means two things. */
class HouseSizeTest {
    private static final Path MAIN = Path.of("src/main/java");
    private static final int PACKAGE_LINES = 3_000;
    private static final int FILE_LINES = 320;
    private static final Pattern LOG_KEY = Pattern.compile("addKeyValue\\(\\s*\"([^\"]*)\"");
    private static final Pattern COMMENT = Pattern.compile("/\\*.*?\\*/", Pattern.DOTALL);

    @Test
    void noPackageIsTooLarge() {
        Map<Path, Long> lines =
                sources(MAIN)
                        .collect(groupingBy(Path::getParent, summingLong(HouseSizeTest::code)));

        assertThat(lines).allSatisfy((_, count) -> assertThat(count).isLessThan(PACKAGE_LINES));
    }

    @Test
    void noFileIsTooLarge() {
        assertThat(sources(MAIN))
                .allSatisfy(file -> assertThat(code(file)).as("%s", file).isLessThan(FILE_LINES));
    }

    @ParameterizedTest
    @ValueSource(strings = {"src/main/java", "src/test/java"})
    void noTwoFilesHaveOneName(String root) {
        Map<String, Long> names =
                sources(Path.of(root))
                        .map(file -> file.getFileName().toString())
                        .filter(name -> !name.equals("package-info.java"))
                        .collect(groupingBy(name -> name, counting()));

        assertThat(names).allSatisfy((_, count) -> assertThat(count).isEqualTo(1));
    }

    /** Keys of log lines are written as the members of records are: request_id, took_ms. */
    @Test
    void logLinesNameThingsAsRecordsDo() {
        assertThat(sources(MAIN).flatMap(HouseSizeTest::logKeys))
                .contains("request_id", "outcome", "took_ms")
                .allMatch(key -> key.matches("[a-z]+(_[a-z]+)*"))
                .doesNotContain("verdict", "result", "status_code");
    }

    private static Stream<String> logKeys(Path file) {
        try {
            return LOG_KEY.matcher(Files.readString(file)).results().map(each -> each.group(1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Neither blank nor comment. */
    private static long code(Path file) {
        try {
            return COMMENT.matcher(Files.readString(file))
                    .replaceAll("")
                    .lines()
                    .filter(line -> !line.isBlank() && !line.strip().startsWith("//"))
                    .count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<Path> sources(Path root) {
        try (Stream<Path> files = Files.walk(root)) {
            List<Path> sources = files.filter(file -> file.toString().endsWith(".java")).toList();
            assertThat(sources).hasSizeGreaterThan(100);
            return sources.stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
