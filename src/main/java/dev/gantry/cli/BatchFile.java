package dev.gantry.cli;

import org.jspecify.annotations.Nullable;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A batch input file, which is read twice; standard input is spooled to a temporary file. */
final class BatchFile implements Closeable {
    private final String name;
    private final Path path;
    private final @Nullable Path temporary;

    private BatchFile(String name, Path path, @Nullable Path temporary) {
        this.name = name;
        this.path = path;
        this.temporary = temporary;
    }

    static BatchFile of(Path path) {
        return new BatchFile(path.toString(), path, null);
    }

    static BatchFile spool(InputStream in) throws IOException {
        Path file = Files.createTempFile("gantry-submit-", ".jsonl");
        try {
            Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            Files.deleteIfExists(file);
            throw e;
        }
        return new BatchFile("standard input", file, file);
    }

    /** As people know it. */
    String name() {
        return name;
    }

    LineReader open() throws IOException {
        return new LineReader(Files.newInputStream(path));
    }

    @Override
    public void close() throws IOException {
        if (temporary != null) {
            Files.deleteIfExists(temporary);
        }
    }
}
