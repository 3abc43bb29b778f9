package dev.gantry.metering;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;

/** USD per million tokens; null is unknown, which is not free. */
public record Price(
        @Nullable BigDecimal input,
        @Nullable BigDecimal cachedInput,
        @Nullable BigDecimal cacheWrite,
        @Nullable BigDecimal output) {}
