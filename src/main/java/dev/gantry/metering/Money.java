package dev.gantry.metering;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** US dollars as events write them: decimal text, at most 12 fraction digits, no exponent. */
public final class Money {
    /** Prices with at most 6 decimals per million tokens are exact to here. */
    private static final int DIGITS = 12;

    private Money() {}

    public static BigDecimal round(BigDecimal amount) {
        return fit(amount, RoundingMode.HALF_EVEN);
    }

    /** A bound is never rounded below what it bounds. */
    static BigDecimal roundUp(BigDecimal amount) {
        return fit(amount, RoundingMode.CEILING);
    }

    public static String text(BigDecimal amount) {
        return round(amount).stripTrailingZeros().toPlainString();
    }

    /** Null where the amount is not known. */
    public static @Nullable String textIfKnown(@Nullable BigDecimal amount) {
        return amount == null ? null : text(amount);
    }

    private static BigDecimal fit(BigDecimal amount, RoundingMode mode) {
        return amount.scale() > DIGITS ? amount.setScale(DIGITS, mode) : amount;
    }
}
