package dev.gantry.cli.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.cli.StopSignal;
import dev.gantry.cli.result.BatchId;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Whatever a batch is read from, it is read twice, and the second time as far as the first. */
@Timeout(90)
class BatchFileTest {
    private static final BatchId BATCH = new BatchId("b");

    @TempDir Path folder;

    @Test
    void readsAPipeTwice() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
        Thread.ofVirtual()
                .start(
                        () ->
                                write(
                                        pipe,
                                        "{\"custom_id\":\"1\",\"body\":{}}\n{\"custom_id\":\"2\",\"body\":{}}\n"));

        try (BatchFile file = BatchFile.open(pipe.toString(), nothing(), new StopSignal())) {
            FileCheck.Report report = new FileCheck(file, BATCH, new StopSignal()).run();

            assertThat(report.problems()).isEmpty();
            assertThat(report.expectedIds().size()).isEqualTo(2);
            assertThat(rest(file, report)).hasLineCount(2);
            assertThat(file.name()).isEqualTo(pipe.toString());
        }
    }

    @Test
    void standardInputHasSeveralNames() throws IOException {
        for (String name : new String[] {"-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"}) {
            var in =
                    new ByteArrayInputStream(
                            "{\"custom_id\":\"1\",\"body\":{}}".getBytes(StandardCharsets.UTF_8));

            try (BatchFile file = BatchFile.open(name, in, new StopSignal())) {
                FileCheck.Report report = new FileCheck(file, BATCH, new StopSignal()).run();

                assertThat(report.expectedIds().size()).as(name).isEqualTo(1);
                assertThat(rest(file, report)).isEqualTo("{\"custom_id\":\"1\",\"body\":{}}\n");
            }
        }
    }

    @Test
    void aWaitForInputEndsWhenStopped() throws IOException {
        var stop = new StopSignal();
        try (var silent = new PipedOutputStream();
                var in = new PipedInputStream(silent)) {
            Thread.ofVirtual().start(stop::request);

            try (BatchFile file = BatchFile.open("-", in, stop)) {
                assertThat(new FileCheck(file, BATCH, stop).run().expectedIds().size()).isZero();
            }
        }
    }

    @Test
    void aFileThatGrowsIsReadToTheLengthThatWasChecked() throws IOException {
        Path path = Files.writeString(folder.resolve("batch"), "{\"custom_id\":\"1\",\"body\":{}}");
        BatchFile file = BatchFile.of(path);
        FileCheck.Report report = new FileCheck(file, BATCH, new StopSignal()).run();

        Files.writeString(path, "\n{\"custom_id\":\"2\",\"body\":{}}\n", StandardOpenOption.APPEND);

        assertThat(rest(file, report)).isEqualTo("{\"custom_id\":\"1\",\"body\":{}}\n");
        assertThat(extent(file, report)).isEqualTo(report.extent());
    }

    @Test
    void aFileThatShrinksOrChangesIsSeen() throws IOException {
        Path path =
                Files.writeString(
                        folder.resolve("batch"), "{\"custom_id\":\"1\", \"body\":{\"n\":1}}\n");
        BatchFile file = BatchFile.of(path);
        FileCheck.Report report = new FileCheck(file, BATCH, new StopSignal()).run();

        Files.writeString(path, "{\"custom_id\":\"1\", \"body\":{\"n\":2}}\n");
        LineReader.Extent changed = extent(file, report);
        Files.writeString(path, "{\"custom_id\":\"1\"");
        LineReader.Extent shrunk = extent(file, report);

        assertThat(changed).isNotEqualTo(report.extent());
        assertThat(shrunk).isNotEqualTo(report.extent());
    }

    private static LineReader.Extent extent(BatchFile file, FileCheck.Report report)
            throws IOException {
        try (LineReader reader = file.open(report.extent())) {
            while (reader.next() != null) {
                // only how much there is
            }
            return reader.extent();
        }
    }

    private static String rest(BatchFile file, FileCheck.Report report) throws IOException {
        var text = new StringBuilder();
        try (LineReader reader = file.open(report.extent())) {
            for (LineReader.Line line = reader.next(); line != null; line = reader.next()) {
                text.append(new String(line.bytes(), StandardCharsets.UTF_8)).append('\n');
            }
        }
        return text.toString();
    }

    private static void write(Path pipe, String text) {
        try {
            Files.writeString(pipe, text);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static InputStream nothing() {
        return InputStream.nullInputStream();
    }
}
