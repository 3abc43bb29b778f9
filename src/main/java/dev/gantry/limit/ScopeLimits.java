package dev.gantry.limit;

import org.jspecify.annotations.Nullable;

import java.util.EnumMap;
import java.util.Map;

/** The limits of one scope that are known. */
record ScopeLimits(Map<LimitDimension, Known> known) {
    static final ScopeLimits NONE = new ScopeLimits(Map.of());

    ScopeLimits {
        known = Map.copyOf(known);
    }

    /**
     * @param limit more than 0
     */
    record Known(double limit, LimitSource source) {}

    /** What is configured, and of the rest what was told. */
    static ScopeLimits of(ConfiguredLimits configured, Map<LimitDimension, Known> told) {
        Map<LimitDimension, Known> all = new EnumMap<>(LimitDimension.class);
        all.putAll(told);
        put(all, LimitDimension.REQUESTS_PER_MINUTE, configured.requestsPerMinute());
        put(all, LimitDimension.TOKENS_PER_MINUTE, configured.tokensPerMinute());
        put(all, LimitDimension.MAX_CONCURRENT, configured.maxConcurrent());
        return all.isEmpty() ? NONE : new ScopeLimits(all);
    }

    private static void put(
            Map<LimitDimension, Known> all, LimitDimension dimension, @Nullable Number limit) {
        if (limit != null) {
            all.put(dimension, new Known(limit.doubleValue(), LimitSource.CONFIGURED));
        }
    }

    boolean none() {
        return known.isEmpty();
    }

    /** Null: there is none that is known. */
    @Nullable Known of(LimitDimension dimension) {
        return known.get(dimension);
    }

    /** Null: there is none. */
    @Nullable Integer calls() {
        Known calls = of(LimitDimension.MAX_CONCURRENT);
        return calls == null ? null : (int) calls.limit();
    }
}
