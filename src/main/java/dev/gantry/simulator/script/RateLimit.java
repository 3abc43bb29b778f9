package dev.gantry.simulator.script;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/**
 * What a provider takes; calls beyond it are answered 429 in the given style. At admission a call
 * counts as one request, and as its input and as much output as it allows.
 *
 * @param requests null: no limit
 * @param tokens null: no limit
 * @param concurrent calls at once; 0: no limit
 * @param per the time of requests and tokens
 * @param headers in which way each answer says what is left; null: as the style has it
 * @param settles whether tokens that were not generated are given back when the answer ends
 */
public record RateLimit(
        @Nullable Capacity requests,
        @Nullable Capacity tokens,
        int concurrent,
        Duration per,
        ProviderStyle style,
        @Nullable LimitHeaderStyle headers,
        boolean settles) {
    /**
     * A bucket.
     *
     * @param limit what flows in, evenly over each period
     * @param burst what a full one holds
     */
    public record Capacity(long limit, long burst) {}

    public RateLimit {
        positive("requests", requests == null ? 1 : requests.limit());
        positive("burst", requests == null ? 1 : requests.burst());
        positive("tokens", tokens == null ? 1 : tokens.limit());
        positive("token_burst", tokens == null ? 1 : tokens.burst());
        if (concurrent < 0) {
            throw new IllegalArgumentException("concurrent: %d is negative".formatted(concurrent));
        }
        if (requests == null && tokens == null && concurrent == 0) {
            throw new IllegalArgumentException("requests: missing; or tokens, or concurrent");
        }
        if (per.toMillis() < 1) {
            throw new IllegalArgumentException("per: %s is less than 1ms".formatted(per));
        }
    }

    /** Of requests alone. */
    public RateLimit(int requests, Duration per, int burst, ProviderStyle style) {
        this(new Capacity(requests, burst), null, 0, per, style, null, true);
    }

    private static void positive(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException("%s: %d is less than 1".formatted(name, value));
        }
    }

    public RateLimit tokens(long limit, long burst) {
        return new RateLimit(
                requests, new Capacity(limit, burst), concurrent, per, style, headers, settles);
    }

    public RateLimit concurrent(int calls) {
        return new RateLimit(requests, tokens, calls, per, style, headers, settles);
    }

    public RateLimit headers(LimitHeaderStyle said) {
        return new RateLimit(requests, tokens, concurrent, per, style, said, settles);
    }

    /** Tokens count as they were asked for, whatever comes. */
    public RateLimit unsettled() {
        return new RateLimit(requests, tokens, concurrent, per, style, headers, false);
    }
}
