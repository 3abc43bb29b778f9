package dev.gantry.simulator.quota;

import dev.gantry.simulator.script.RateLimit;

import java.time.Duration;
import java.time.Instant;

/** Fills evenly up to its burst; what was taken too much leaves it below zero. */
final class TokenBucket {
    private final RateLimit.Capacity capacity;
    private final double nanosEach;
    private double level;
    private Instant filled;

    TokenBucket(RateLimit.Capacity capacity, Duration per, Instant now) {
        this.capacity = capacity;
        this.nanosEach = (double) per.toNanos() / capacity.limit();
        this.level = capacity.burst();
        this.filled = now;
    }

    boolean has(long amount, Instant now) {
        refill(now);
        return level >= amount;
    }

    /** Negative: gives back. */
    void take(long amount) {
        level = Math.min((double) capacity.burst(), level - (double) amount);
    }

    /** More than it ever holds. */
    boolean tooSmallFor(long amount) {
        return amount > capacity.burst();
    }

    /** So much that no more is to be had: a refusal speaks as if the whole limit could be taken. */
    long used() {
        return capacity.limit() - (long) Math.max(0, level);
    }

    Duration until(long amount) {
        return Duration.ofNanos((long) Math.ceil(Math.max(0, (double) amount - level) * nanosEach));
    }

    /** As providers tell it: of the whole limit, though less than that may be taken at once. */
    Level level() {
        double missing = capacity.burst() - level;
        return new Level(
                capacity.limit(),
                (long) Math.max(0, capacity.limit() - missing),
                Duration.ofNanos((long) (missing * nanosEach)));
    }

    /** A clock that jumps back must not drain the bucket. */
    private void refill(Instant now) {
        if (now.isAfter(filled)) {
            double gained = Duration.between(filled, now).toNanos() / nanosEach;
            level = Math.min((double) capacity.burst(), level + gained);
            filled = now;
        }
    }

    /**
     * How full a bucket is.
     *
     * @param limit what flows in, in each period
     * @param full until it is full again
     */
    public record Level(long limit, long remaining, Duration full) {}
}
