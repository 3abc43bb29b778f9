package dev.gantry.convention;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import com.google.googlejavaformat.java.ImportOrderer;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import com.google.googlejavaformat.java.RemoveUnusedImports;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The format check. It runs as a test because google-java-format parses with the compiler of the
 * JDK it runs on, and Maven itself may run on an older one. {@code mvn test -Dtest=FormatTest
 * -Dformat=apply} rewrites what differs.
 */
class FormatTest {
    private static final Formatter FORMATTER =
            new Formatter(
                    JavaFormatterOptions.builder().style(JavaFormatterOptions.Style.AOSP).build());

    @Test
    void everySourceIsFormatted() throws IOException, FormatterException {
        List<Path> different = new ArrayList<>();

        for (Path file : sources()) {
            String source = Files.readString(file);
            String formatted = format(source);
            if (!formatted.equals(source)) {
                different.add(file);
                if ("apply".equals(System.getProperty("format"))) {
                    Files.writeString(file, formatted);
                }
            }
        }

        assertThat(different)
                .as("not formatted; mvn test -Dtest=FormatTest -Dformat=apply mends it")
                .isEmpty();
    }

    private static String format(String source) throws FormatterException {
        String ordered =
                ImportOrderer.reorderImports(
                        RemoveUnusedImports.removeUnusedImports(source),
                        JavaFormatterOptions.Style.AOSP);
        return FORMATTER.formatSource(ordered);
    }

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("src"))) {
            return files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
        }
    }
}
