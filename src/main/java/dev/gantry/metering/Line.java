package dev.gantry.metering;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;

/**
 * One priced part of an attempt's usage; the parts never overlap.
 *
 * @param kind input_uncached, input_cache_read, input_cache_write, output_text, output_reasoning or
 *     the name of a counter
 * @param per how many units the unit price buys
 * @param unitPrice null: the price list lacks it
 * @param amount null exactly when the unit price is
 */
public record Line(
        String kind,
        long quantity,
        long per,
        @Nullable BigDecimal unitPrice,
        @Nullable BigDecimal amount) {
    private static final int PER_DIGITS = 6;

    static Line tokens(String kind, long quantity, @Nullable BigDecimal price) {
        BigDecimal amount =
                price == null
                        ? null
                        : Money.round(
                                price.multiply(BigDecimal.valueOf(quantity))
                                        .movePointLeft(PER_DIGITS));
        return new Line(kind, quantity, 1_000_000, price, amount);
    }

    /** What no price list knows yet: web searches, images, seconds. */
    static Line counter(String name, long quantity) {
        return new Line(name, quantity, 1, null, null);
    }
}
