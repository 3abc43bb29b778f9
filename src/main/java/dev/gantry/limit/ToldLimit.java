package dev.gantry.limit;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/**
 * What an answer's headers say of one limit of its lane.
 *
 * @param limit so many in each period; 0: not said
 * @param per the limit's period; null: not known, so that the limit teaches nothing
 * @param remaining what may be used until the reset; negative: not said
 * @param reset from now until the limit is whole again; null: not said
 */
public record ToldLimit(
        Counted counted,
        long limit,
        @Nullable Duration per,
        long remaining,
        @Nullable Duration reset) {
    /** How far what a bucket refills may be from its limit: resets are rounded. */
    private static final double ROUNDING = 0.1;

    /** What is counted. */
    public enum Counted {
        REQUESTS,
        /** Of input and output together. */
        TOKENS,
        INPUT_TOKENS,
        OUTPUT_TOKENS
    }

    /** In each second, over the limit's period; infinite: not said. */
    public double rate() {
        return limit > 0 && per != null ? limit / seconds(per) : Double.POSITIVE_INFINITY;
    }

    /**
     * In each second, what remains until the reset; infinite: not said. A bucket that refills as
     * time goes by says at its limit that nothing remains, and yet the next is there at once: where
     * it refills by what its limit says, it is that.
     */
    public double pace() {
        if (remaining < 0 || reset == null) {
            return Double.POSITIVE_INFINITY;
        }
        double left = remaining / seconds(reset);
        double refilled = (limit - remaining) / seconds(reset);
        double rate = rate();
        boolean refills =
                rate < Double.POSITIVE_INFINITY && Math.abs(refilled / rate - 1) <= ROUNDING;
        return refills ? Math.max(left, rate) : left;
    }

    static double seconds(Duration time) {
        return time.toNanos() / 1e9;
    }
}
