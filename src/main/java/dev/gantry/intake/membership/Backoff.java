package dev.gantry.intake.membership;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt: doubling up to a cap, and at random, so that a fleet
 * that was turned away together does not come back together.
 */
final class Backoff {
    private static final Duration FIRST = Duration.ofMillis(500);
    private static final Duration CAP = Duration.ofSeconds(8);

    private final RandomGenerator random;
    private int failures;

    Backoff(RandomGenerator random) {
        this.random = random;
    }

    /** Between half of the time due and all of it. */
    Duration next() {
        long due = FIRST.toMillis() << Math.min(failures, 10);
        failures++;
        long capped = Math.min(due, CAP.toMillis());
        return Duration.ofMillis(random.nextLong(capped / 2, capped + 1));
    }

    /** The last attempt held. */
    void reset() {
        failures = 0;
    }
}
