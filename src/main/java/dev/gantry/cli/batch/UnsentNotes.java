package dev.gantry.cli.batch;

import dev.gantry.cli.Terminal;
import dev.gantry.cli.Visible;
import dev.gantry.cli.result.Unsent;

/** Names the lines that were not taken to the person who waits: the first few, then a count. */
final class UnsentNotes {
    private static final int NAMED = 10;

    private final Terminal terminal;
    private final BatchFile file;
    private long count;

    UnsentNotes(Terminal terminal, BatchFile file) {
        this.terminal = terminal;
        this.file = file;
    }

    void add(Unsent unsent) {
        count++;
        if (count <= NAMED) {
            terminal.note(
                    "%s, line %d: custom_id %s was not sent: %s"
                            .formatted(
                                    file.name(),
                                    unsent.line(),
                                    Visible.quoted(unsent.customId()),
                                    unsent.reason()));
        }
    }

    /** Says how many were not named. */
    void finish() {
        if (count > NAMED) {
            terminal.note("… and %d more lines were not sent".formatted(count - NAMED));
        }
    }

    long count() {
        return count;
    }
}
