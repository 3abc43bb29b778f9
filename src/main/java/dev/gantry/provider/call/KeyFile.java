package dev.gantry.provider.call;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/** A key that somebody rotates in a file, such as a mounted secret. */
final class KeyFile implements Credential {
    private static final long LOOK_EVERY_NANOS = Duration.ofSeconds(1).toNanos();

    /** A key is short: a wrong path must not be read into memory and sent as a header. */
    private static final int LONGEST = 16_384;

    private final Path file;
    private final LongSupplier nanoTime;
    private final ReentrantLock looking = new ReentrantLock();

    /** Replaced under the lock. */
    private volatile View view = new View(null, null, 0, 0, true);

    /**
     * @param due to be read at the next call whatever the file looks like
     */
    private record View(
            @Nullable String key,
            @Nullable FileTime modified,
            long size,
            long lookedNanos,
            boolean due) {
        /** Leaves the key out. */
        @Override
        public String toString() {
            return "View[" + size + " bytes]";
        }
    }

    KeyFile(Path file, LongSupplier nanoTime) {
        this.file = file;
        this.nanoTime = nanoTime;
    }

    @Override
    public @Nullable String key() {
        View seen = view;
        if (!seen.due() && nanoTime.getAsLong() - seen.lookedNanos() < LOOK_EVERY_NANOS) {
            return seen.key();
        }
        if (seen.due()) {
            looking.lock(); // Nobody goes on with a key that was refused or never read.
        } else if (!looking.tryLock()) {
            return seen.key();
        }
        try {
            if (view.equals(seen)) {
                view = look(seen);
            }
            return view.key();
        } finally {
            looking.unlock();
        }
    }

    @Override
    public void refused() {
        looking.lock();
        try {
            View seen = view;
            view = new View(seen.key(), seen.modified(), seen.size(), seen.lookedNanos(), true);
        } finally {
            looking.unlock();
        }
    }

    private View look(View seen) {
        long now = nanoTime.getAsLong();
        try {
            BasicFileAttributes file = Files.readAttributes(this.file, BasicFileAttributes.class);
            boolean same =
                    file.lastModifiedTime().equals(seen.modified()) && file.size() == seen.size();
            String key = same && !seen.due() ? seen.key() : read(file.size());
            return new View(key, file.lastModifiedTime(), file.size(), now, false);
        } catch (IOException e) {
            // In the middle of a rotation the last key is the best guess there is.
            return new View(seen.key(), null, 0, now, false);
        }
    }

    private @Nullable String read(long size) throws IOException {
        if (size > LONGEST) {
            return null;
        }
        String key = new String(Files.readAllBytes(file), StandardCharsets.UTF_8).strip();
        return key.isEmpty() ? null : key;
    }
}
