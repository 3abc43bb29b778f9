package dev.gantry.cli.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.cli.result.ResultFile.Replacement;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;

/** What stood in a file is not lost before there is something better. */
@Timeout(90)
class ResultFileTest {
    @TempDir Path folder;
    private Path file;

    @BeforeEach
    void nameFile() {
        file = folder.resolve("out.jsonl");
    }

    @ParameterizedTest
    @EnumSource
    void nothingIsTouchedBeforeTheFirstLine(Replacement replacement) throws IOException {
        Files.writeString(file, "old\n");

        try (ResultFile result = ResultFile.open(file, replacement)) {
            result.flush();
        }

        assertThat(file).hasContent("old\n");
        assertThat(names()).containsExactly("out.jsonl");
    }

    @Test
    void whatBelongsToThemIsNamedAsTheyAre() {
        Path errors = Path.of("elsewhere", "err.jsonl");

        assertThat(new ResultFiles.Paths(Path.of("out.jsonl"), errors).folder().resolve("receipt"))
                .isEqualTo(Path.of("receipt"));
        assertThat(new ResultFiles.Paths(Path.of("to", "out.jsonl"), errors).folder())
                .isEqualTo(Path.of("to"));
        assertThat(new ResultFiles.Paths(Path.of("/dev/null"), errors).folder())
                .isEqualTo(Path.of("elsewhere"));
    }

    @ParameterizedTest
    @EnumSource
    void noEmptyFileIsLeft(Replacement replacement) throws IOException {
        try (ResultFile result = ResultFile.open(file, replacement)) {
            result.complete();
        }

        assertThat(names()).isEmpty();
    }

    @Test
    void whatIsCompleteWithoutALineIsNotWhatStoodThere() throws IOException {
        Files.writeString(file, "errors of another run\n");

        try (ResultFile result = ResultFile.open(file, Replacement.AT_FIRST_LINE)) {
            result.complete();
        }

        assertThat(names()).isEmpty();
    }

    @Test
    void anOldTextStaysUntilTheNewOneIsComplete() throws IOException {
        Files.writeString(file, "old\n");

        ResultFile result = ResultFile.open(file, Replacement.AT_END);
        result.write(bytes("new"));
        result.flush();

        assertThat(file).hasContent("old\n");
        result.complete();
        assertThat(file).hasContent("new\n");
        assertThat(result.leftOld()).isFalse();
        result.close();
        assertThat(names()).containsExactly("out.jsonl");
    }

    @Test
    void anOldTextOutlivesAnIncompleteOne() throws IOException {
        Files.writeString(file, "old\n");

        ResultFile result = ResultFile.open(file, Replacement.AT_END);
        result.write(bytes("new"));
        boolean left = result.leftOld();
        result.close();

        assertThat(left).isTrue();
        assertThat(file).hasContent("old\n");
        assertThat(names()).containsExactly("out.jsonl");
    }

    @ParameterizedTest
    @EnumSource
    void linesCanBeFollowedWhereNothingIsLostByIt(Replacement replacement) throws IOException {
        try (ResultFile result = ResultFile.open(file, replacement)) {
            result.write(bytes("one"));
            result.flush();

            assertThat(file).hasContent("one\n");
        }
        assertThat(file).hasContent("one\n");
    }

    @Test
    void anOldTextMakesWayForTheFirstLineOfABatchThatIsSentAnew() throws IOException {
        Files.writeString(file, "old\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));

        try (ResultFile result = ResultFile.open(file, Replacement.AT_FIRST_LINE)) {
            result.write(bytes("one"));
            assertThat(file).hasContent("one\n");
            result.write(bytes("two"));
            result.flush();

            assertThat(file).hasContent("one\ntwo\n");
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-r-----");
        assertThat(names()).containsExactly("out.jsonl");
    }

    @ParameterizedTest
    @EnumSource
    void linksStay(Replacement replacement) throws IOException {
        Path real = Files.writeString(folder.resolve("real"), "old\n");
        Files.createSymbolicLink(file, Path.of("real"));
        Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), Path.of("made"));

        for (Path link : new Path[] {file, dangling}) {
            try (ResultFile result = ResultFile.open(link, replacement)) {
                result.write(bytes("new"));
                result.complete();
            }
        }

        assertThat(file).isSymbolicLink();
        assertThat(real).hasContent("new\n");
        assertThat(folder.resolve("made")).hasContent("new\n");
    }

    @Test
    void aPipeGetsWhatItIsSentAndStaysAPipe() throws Exception {
        assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor()).isZero();
        var reading = new FutureTask<>(() -> Files.readString(file));
        Thread.ofVirtual().start(reading);

        try (ResultFile result = ResultFile.open(file, Replacement.AT_END)) {
            result.write(bytes("line"));
            result.complete();
        }

        assertThat(reading.get()).isEqualTo("line\n");
        assertThat(file).exists();
        assertThat(ResultFile.isStream(file)).isTrue();
    }

    @Test
    void devicesAreWrittenAsTheyAre() throws IOException {
        try (ResultFile nothing = ResultFile.open(Path.of("/dev/null"), Replacement.AT_END)) {
            nothing.write(bytes("line"));
            nothing.complete();
        }
        ResultFile full = ResultFile.open(Path.of("/dev/full"), Replacement.AT_END);
        full.write(bytes("line"));

        assertThatThrownBy(full::flush)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("No space left");
        assertThat(Path.of("/dev/null")).exists();
    }

    @Test
    void whatCannotBeWrittenIsSaidAtOnce() throws IOException {
        Path closed = Files.createDirectory(folder.resolve("closed"));

        assertThatThrownBy(() -> ResultFile.open(closed, Replacement.AT_END))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining("is a directory");
        assertThatThrownBy(() -> ResultFile.open(folder.resolve("no/x"), Replacement.AT_END))
                .isInstanceOf(NoSuchFileException.class);
        Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-x------"));
        if (!Files.isWritable(closed)) { // root may write anywhere
            assertThatThrownBy(() -> ResultFile.open(closed.resolve("x"), Replacement.AT_END))
                    .isInstanceOf(AccessDeniedException.class);
        }
    }

    @Test
    void aLineIsOneLine() throws IOException {
        try (ResultFile result = ResultFile.open(file, Replacement.AT_END)) {
            result.write(bytes("{\n\"a\":\r\n1}"));
        }

        assertThat(file).hasContent("{ \"a\":  1}\n");
    }

    private String[] names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(each -> each.getFileName().toString()).sorted().toArray(String[]::new);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
