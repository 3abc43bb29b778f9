package dev.gantry.limit;

import org.jspecify.annotations.Nullable;

/**
 * What the operator says that the whole fleet may do on one scope; null: nothing is said, and the
 * limit is learnt.
 *
 * @param requestsPerMinute at least 1
 * @param tokensPerMinute input and requested output together; at least 1
 * @param maxConcurrent calls under way at once; at least 1
 */
public record ConfiguredLimits(
        @Nullable Long requestsPerMinute,
        @Nullable Long tokensPerMinute,
        @Nullable Integer maxConcurrent) {
    public static final ConfiguredLimits NONE = new ConfiguredLimits(null, null, null);

    public ConfiguredLimits {
        check("requests-per-minute", requestsPerMinute);
        check("tokens-per-minute", tokensPerMinute);
        check("max-concurrent", maxConcurrent);
    }

    private static void check(String key, @Nullable Number value) {
        if (value != null && value.longValue() < 1) {
            throw new IllegalArgumentException("%s: %s is less than 1".formatted(key, value));
        }
    }
}
