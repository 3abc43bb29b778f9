package dev.gantry.metering;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;

/**
 * One priced part of an attempt's usage; the parts never overlap.
 *
 * @param kind the label of a {@link TokenKind}, the name of a counter, or {@code request}
 * @param per how many units the unit price buys
 * @param unitPrice null: the price list lacks it
 * @param amount null exactly when the unit price is
 */
public record CostLine(
        String kind,
        long quantity,
        long per,
        @Nullable BigDecimal unitPrice,
        @Nullable BigDecimal amount) {
    static final int PER_DIGITS = 6;
    private static final long MILLION = 1_000_000;

    static CostLine tokens(TokenKind kind, long quantity, @Nullable BigDecimal price) {
        BigDecimal amount =
                price == null
                        ? null
                        : Money.round(
                                price.multiply(BigDecimal.valueOf(quantity))
                                        .movePointLeft(PER_DIGITS));
        return new CostLine(kind.label(), quantity, MILLION, price, amount);
    }

    /** What is counted one by one: web searches, requests. */
    static CostLine units(String name, long quantity, @Nullable BigDecimal price) {
        BigDecimal amount =
                price == null ? null : Money.round(price.multiply(BigDecimal.valueOf(quantity)));
        return new CostLine(name, quantity, 1, price, amount);
    }
}
