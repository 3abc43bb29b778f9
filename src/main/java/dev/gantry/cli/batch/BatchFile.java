package dev.gantry.cli.batch;

import dev.gantry.cli.FileTrouble;
import dev.gantry.cli.StopSignal;

import org.jspecify.annotations.Nullable;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A batch input file, which is read twice; what can be read only once (standard input, a pipe, a
 * device) is spooled to a temporary file.
 */
public final class BatchFile implements Closeable {
    private static final Set<String> STANDARD_INPUT =
            Set.of("-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0");
    private static final long LOOK_MS = 50;

    private final String name;
    private final Path path;
    private final @Nullable Path temporary;

    private BatchFile(String name, Path path, @Nullable Path temporary) {
        this.name = name;
        this.path = path;
        this.temporary = temporary;
    }

    /** Whether a person means standard input by it. */
    public static boolean isStandardInput(String source) {
        return STANDARD_INPUT.contains(source);
    }

    static BatchFile of(Path path) {
        return new BatchFile(path.toString(), path, null);
    }

    /**
     * Opens what a person named; returns early, with what there is until then, when stopped.
     *
     * @throws IOException if it cannot be read, or not be spooled
     */
    static BatchFile open(String source, InputStream standardInput, StopSignal stop)
            throws IOException {
        if (isStandardInput(source)) {
            return spool("standard input", () -> standardInput, stop);
        }
        Path path = Path.of(source);
        if (Files.isDirectory(path)) {
            throw new IOException("it is a directory");
        }
        boolean again = Files.isRegularFile(path) || Files.notExists(path);
        // Opening a pipe waits for its other end.
        return again ? of(path) : spool(source, () -> Files.newInputStream(path), stop);
    }

    static BatchFile spool(InputStream in) throws IOException {
        return spool("standard input", () -> in, new StopSignal());
    }

    private interface Source {
        InputStream open() throws IOException;
    }

    private static BatchFile spool(String name, Source source, StopSignal stop) throws IOException {
        Path file = Files.createTempFile("gantry-submit-", ".jsonl");
        try {
            copy(source, file, stop);
        } catch (IOException e) {
            Files.deleteIfExists(file);
            throw new IOException(
                    "keeping it in %s failed: %s".formatted(file.getParent(), FileTrouble.of(e)),
                    e);
        }
        return new BatchFile(name, file, file);
    }

    /** On a thread of its own: a read from a person or a pipe cannot be interrupted. */
    private static void copy(Source source, Path file, StopSignal stop) throws IOException {
        var copying =
                new FutureTask<>(
                        () -> {
                            // Files.copy would take the file away for a moment.
                            try (InputStream in = source.open();
                                    OutputStream out = Files.newOutputStream(file)) {
                                return in.transferTo(out);
                            }
                        });
        Thread.ofPlatform().name("spool").daemon().start(copying);
        while (!stop.requested()) {
            try {
                copying.get(LOOK_MS, TimeUnit.MILLISECONDS);
                return;
            } catch (TimeoutException _) {
                // Its other end takes its time.
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return;
            } catch (ExecutionException e) {
                throw e.getCause() instanceof IOException cause ? cause : new IOException(e);
            }
        }
    }

    /** As people know it. */
    String name() {
        return name;
    }

    LineReader open() throws IOException {
        return new LineReader(Files.newInputStream(path));
    }

    /** As it was when it was checked, if it has only grown since. */
    LineReader open(LineReader.Extent checked) throws IOException {
        return new LineReader(Files.newInputStream(path), checked.length());
    }

    @Override
    public void close() throws IOException {
        if (temporary != null) {
            Files.deleteIfExists(temporary);
        }
    }
}
