package dev.gantry.circuit;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/**
 * How this worker learns of circuits.
 *
 * @param since when it began to learn that way
 * @param age of the view: the time since the table was last read
 * @param unsynced circuits that moved here and that the table does not know yet
 */
public record CircuitFeed(Source source, Instant since, Duration age, int unsynced) {
    /** Where the news come from. */
    public enum Source {
        /** Notified within milliseconds, and polling. */
        NOTIFY,
        /** Polling alone: a pooler swallows notifications, or the listening connection is down. */
        POLL_ONLY,
        /** The database does not answer: the last view, and what happens here. */
        AWAY,
        /** This process alone, as it was made to be. */
        LOCAL;

        /** The word used in pages. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
