package dev.gantry.inference;

import java.time.Duration;
import java.time.Instant;

/** The instant after which nobody wants the answer any more. */
public record Deadline(Instant at) {
    public boolean passed(Instant now) {
        return !now.isBefore(at);
    }

    /** Time left; zero once passed. */
    public Duration left(Instant now) {
        return passed(now) ? Duration.ZERO : Duration.between(now, at);
    }
}
