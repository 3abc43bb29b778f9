package dev.gantry.circuit;

import dev.gantry.fleet.SqlTrouble;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/**
 * How this worker learns of circuits.
 *
 * @param since when it began to learn that way
 * @param age of the view: the time since the table was last read
 * @param trouble why it is away; null: it is not, or has not been asked yet
 * @param unsynced circuits that moved here and that the table does not know yet
 */
public record CircuitFeed(
        Source source, Instant since, Duration age, @Nullable SqlTrouble trouble, int unsynced) {
    /** Where the news come from. */
    public enum Source {
        /** Notified within milliseconds, and polling. */
        NOTIFY,
        /** Polling alone: a pooler swallows notifications, or the listening connection is down. */
        POLL_ONLY,
        /** The database does not answer, or refuses: the last view, and what happens here. */
        AWAY,
        /** This process alone, as it was made to be. */
        LOCAL;

        /** The word used in pages. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
