package dev.gantry.limit;

import dev.gantry.inference.Usage;

import org.jspecify.annotations.Nullable;

/**
 * How the tokens of a model's calls compare to what is estimated of them, learnt from what was
 * counted. Guarded by the lock of admission control.
 */
final class TokenRatio {
    private static final double FOLLOWS = 0.05;

    /** What is counted otherwise, pictures for instance, is no affair of the ratio. */
    private static final double LEAST = 0.2;

    private static final double MOST = 5;

    private double input = 1;

    /** Of calls that name no limit. */
    private double output;

    double tokens(CallSize size) {
        Long asked = size.output();
        return size.input() * input + (asked == null ? output : asked);
    }

    void learn(CallSize size, Usage usage) {
        Long counted = usage.input();
        if (counted != null && size.input() > 0) {
            double ratio = Math.clamp((double) counted / size.input(), LEAST, MOST);
            input += FOLLOWS * (ratio - input);
        }
        if (size.output() == null && usage.output() != null) {
            output += FOLLOWS * (usage.output() - output);
        }
    }

    /** Null: the provider does not say. */
    static @Nullable Double counted(Usage usage) {
        Long in = usage.input();
        Long out = usage.output();
        return in == null && out == null
                ? null
                : (double) ((in == null ? 0 : in) + (out == null ? 0 : out));
    }
}
