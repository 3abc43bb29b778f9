package dev.gantry.provider.call;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

class KeyFileTest {
    @TempDir private Path folder;
    private final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - 5);
    private Path file = Path.of("");
    private Credential credential = new Credential.Fixed(null);

    @BeforeEach
    void write() throws IOException {
        file = Files.writeString(folder.resolve("key"), " first\n");
        credential = new KeyFile(file, nanoTime::get);
    }

    @Test
    void aChangedFileIsReadWithinASecond() throws IOException {
        String before = credential.key();
        FileTime later = FileTime.from(Files.getLastModifiedTime(file).toInstant().plusSeconds(1));
        Files.writeString(file, "another");
        Files.setLastModifiedTime(file, later); // of the same size, and clocks of files are coarse

        String tooSoon = credential.key();
        nanoTime.addAndGet(Duration.ofSeconds(1).toNanos());
        String inTime = credential.key();

        assertThat(before).isEqualTo("first");
        assertThat(tooSoon).isEqualTo("first");
        assertThat(inTime).isEqualTo("another");
    }

    @Test
    void afterARefusalItIsReadAtOnceEvenIfItLooksTheSame() throws IOException {
        FileTime modified = Files.getLastModifiedTime(file);
        credential.key();
        Files.writeString(file, " third\n");
        Files.setLastModifiedTime(file, modified);

        credential.refused();

        assertThat(credential.key()).isEqualTo("third");
    }

    @Test
    void aVanishedFileLeavesTheLastKey() throws IOException {
        credential.key();
        Files.delete(file);
        nanoTime.addAndGet(Duration.ofSeconds(2).toNanos());

        assertThat(credential.key()).isEqualTo("first");
    }

    @Test
    void aFileThatComesLateIsFound() throws IOException {
        Path late = folder.resolve("late");
        Credential waiting = new KeyFile(late, nanoTime::get);
        String before = waiting.key();
        Files.writeString(late, "here");
        nanoTime.addAndGet(Duration.ofSeconds(1).toNanos());

        assertThat(before).isNull();
        assertThat(waiting.key()).isEqualTo("here");
    }

    @Test
    void whatIsNoKeyIsNone() throws IOException {
        Path empty = Files.writeString(folder.resolve("empty"), " \n");
        Path huge = Files.writeString(folder.resolve("huge"), "x".repeat(20_000));

        assertThat(new KeyFile(empty, nanoTime::get).key()).isNull();
        assertThat(new KeyFile(huge, nanoTime::get).key()).isNull();
        assertThat(new Credential.Fixed("").key()).isNull();
        assertThat(new Credential.Fixed(" a ").key()).isEqualTo("a");
    }
}
