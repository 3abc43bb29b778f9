package dev.gantry.cli.batch;

import dev.gantry.cli.FileTrouble;
import dev.gantry.cli.Terminal;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Writes the receipt again and again while a batch is sent, so that no end of it is without. */
final class ReceiptKeeper {
    private static final Duration INTERVAL = Duration.ofSeconds(5);

    private final Sender sender;
    private final Path folder;
    private final Terminal terminal;
    private final InstantSource clock;
    private Instant next;
    private @Nullable Path file;
    private boolean failed;
    private boolean finished;

    ReceiptKeeper(Sender sender, Path folder, Terminal terminal, InstantSource clock) {
        this.sender = sender;
        this.folder = folder;
        this.terminal = terminal;
        this.clock = clock;
        this.next = clock.instant().plus(INTERVAL);
    }

    /** Once it is time to. */
    void keep() {
        Instant now = clock.instant();
        if (!now.isBefore(next)) {
            next = now.plus(INTERVAL);
            write();
        }
    }

    /** Where it is, null if nothing was sent or it could not be written. */
    @Nullable Path finish() {
        if (!finished) {
            finished = true;
            write();
        }
        return file;
    }

    private void write() {
        if (failed || sender.acknowledged() == 0) {
            return;
        }
        try {
            file = sender.receipt().writeTo(folder);
        } catch (IOException e) {
            failed = true;
            terminal.note(
                    "no receipt is kept: %s; collect goes by the marks of the records"
                            .formatted(FileTrouble.of(e)));
        }
    }
}
