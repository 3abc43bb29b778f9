package dev.gantry.cli;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** Amounts of money as people read them. */
public final class Dollars {
    private static final int SIGNIFICANT = 3;

    private Dollars() {}

    /**
     * The amount with at most so many fraction digits; one that is smaller keeps its first digits:
     * only nothing is shown as zero.
     *
     * @param digits at least 2
     */
    public static BigDecimal brief(BigDecimal usd, int digits) {
        BigDecimal least = usd.stripTrailingZeros();
        int needed = least.scale() - least.precision() + SIGNIFICANT;
        return usd.setScale(
                Math.min(usd.scale(), Math.max(digits, needed)), RoundingMode.HALF_EVEN);
    }
}
