package dev.gantry.concurrent;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Pauses after failures: doubling up to a cap. A value, so that it can stand in records beside the
 * count of failures; Spring's ExponentialBackOff is an object that counts by itself and draws from
 * a random of its own.
 *
 * @param first after one failure; more than 0
 * @param longest after many; at least the first
 */
public record Backoff(Duration first, Duration longest) {
    /** Far beyond any cap, and no overflow yet. */
    private static final int MOST_DOUBLINGS = 20;

    public Backoff {
        if (!first.isPositive() || first.compareTo(longest) > 0) {
            throw new IllegalArgumentException(
                    "backoff from %s to %s; allowed is more than 0, at most the longest"
                            .formatted(first, longest));
        }
    }

    /**
     * The pause that is due.
     *
     * @param failures in a row; 1 or more
     */
    public Duration after(int failures) {
        Duration doubled = first.multipliedBy(1L << Math.clamp(failures - 1, 0, MOST_DOUBLINGS));
        return doubled.compareTo(longest) < 0 ? doubled : longest;
    }

    /**
     * The same, less up to a half of it at random: those who were turned away together do not come
     * back together.
     */
    public Duration after(int failures, RandomGenerator random) {
        long due = after(failures).toNanos();
        return Duration.ofNanos(due - random.nextLong(due / 2 + 1));
    }
}
