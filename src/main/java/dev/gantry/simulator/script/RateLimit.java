package dev.gantry.simulator.script;

import java.time.Duration;

/**
 * A token bucket; calls beyond it are answered 429 in the given style.
 *
 * @param requests refilled evenly over each period
 * @param burst how many calls a full bucket holds
 */
public record RateLimit(int requests, Duration per, int burst, ProviderStyle style) {
    public RateLimit {
        if (requests < 1) {
            throw new IllegalArgumentException("requests: %d is less than 1".formatted(requests));
        }
        if (per.toMillis() < 1) {
            throw new IllegalArgumentException("per: %s is less than 1ms".formatted(per));
        }
        if (burst < 1) {
            throw new IllegalArgumentException("burst: %d is less than 1".formatted(burst));
        }
    }
}
