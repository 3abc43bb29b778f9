package dev.gantry.simulator;

import dev.gantry.simulator.script.RateLimit;

import java.time.Duration;
import java.time.Instant;

/** The rate limit at work; all state is guarded by this object's lock. */
final class TokenBucket {
    private final RateLimit limit;
    private final double nanosPerToken;
    private double tokens;
    private Instant filled;

    TokenBucket(RateLimit limit, Instant now) {
        this.limit = limit;
        this.nanosPerToken = (double) limit.per().toNanos() / limit.requests();
        this.tokens = limit.burst();
        this.filled = now;
    }

    /** Takes a token if there is one. */
    synchronized Grant take(Instant now) {
        refill(now);
        boolean admitted = tokens >= 1;
        if (admitted) {
            tokens -= 1;
        }
        return new Grant(
                limit,
                admitted,
                (int) tokens,
                Duration.ofNanos((long) Math.ceil(Math.max(0, 1 - tokens) * nanosPerToken)),
                Duration.ofNanos((long) ((limit.burst() - tokens) * nanosPerToken)));
    }

    /** A clock that jumps back must not drain the bucket. */
    private void refill(Instant now) {
        if (now.isAfter(filled)) {
            double gained = Duration.between(filled, now).toNanos() / nanosPerToken;
            tokens = Math.min(limit.burst(), tokens + gained);
            filled = now;
        }
    }

    /**
     * What the bucket said to one call.
     *
     * @param next until a token is there
     * @param full until the bucket is full again
     */
    record Grant(RateLimit limit, boolean admitted, int remaining, Duration next, Duration full) {}
}
