package dev.gantry.simulator.quota;

import dev.gantry.simulator.script.RateLimit;
import dev.gantry.simulator.script.Refusal;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;

/** A rate limit at work; all state is guarded by this object's lock. */
public final class Quota {
    private final RateLimit limit;
    private final @Nullable TokenBucket requests;
    private final @Nullable TokenBucket tokens;
    private int underWay;

    public Quota(RateLimit limit, Instant now) {
        this.limit = limit;
        RateLimit.Capacity calls = limit.requests();
        RateLimit.Capacity words = limit.tokens();
        this.requests = calls == null ? null : new TokenBucket(calls, limit.per(), now);
        this.tokens = words == null ? null : new TokenBucket(words, limit.per(), now);
    }

    /**
     * Takes what the call counts for, or nothing.
     *
     * @param reserved tokens, as they count at admission
     */
    public synchronized Grant take(long reserved, Instant now) {
        Grant.Refused refused = refused(reserved, now);
        if (refused == null) {
            underWay++;
            if (requests != null) {
                requests.take(1);
            }
            if (tokens != null) {
                tokens.take(reserved);
            }
        }
        return new Grant(
                this,
                limit,
                requests == null ? null : requests.level(),
                tokens == null ? null : tokens.level(),
                reserved,
                refused);
    }

    private Grant.@Nullable Refused refused(long reserved, Instant now) {
        if (limit.concurrent() > 0 && underWay >= limit.concurrent()) {
            return new Grant.Refused(
                    Refusal.CONCURRENCY_LIMIT, limit.concurrent(), underWay, 1, Duration.ZERO);
        }
        if (requests != null && !requests.has(1, now)) {
            return refused(Refusal.RATE_LIMIT, requests, 1);
        }
        if (tokens != null && !tokens.has(reserved, now)) {
            return tokens.tooSmallFor(reserved)
                    ? refused(Refusal.TOO_LARGE, tokens, reserved)
                    : refused(Refusal.TOKEN_LIMIT, tokens, reserved);
        }
        return null;
    }

    private static Grant.Refused refused(Refusal refusal, TokenBucket bucket, long requested) {
        return new Grant.Refused(
                refusal, bucket.level().limit(), bucket.used(), requested, bucket.until(requested));
    }

    /** The call has ended. */
    synchronized void end(long reserved, long used) {
        underWay--;
        if (tokens != null && limit.settles()) {
            tokens.take(used - reserved);
        }
    }
}
