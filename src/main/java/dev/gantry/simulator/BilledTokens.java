package dev.gantry.simulator;

/**
 * Tokens of one call or of many.
 *
 * @param input cached is a part of it
 * @param output reasoning is a part of it
 */
public record BilledTokens(long input, long cached, long output, long reasoning) {
    public static final BilledTokens NONE = new BilledTokens(0, 0, 0, 0);

    BilledTokens plus(BilledTokens more) {
        return new BilledTokens(
                input + more.input,
                cached + more.cached,
                output + more.output,
                reasoning + more.reasoning);
    }

    BilledTokens minus(BilledTokens less) {
        return plus(new BilledTokens(-less.input, -less.cached, -less.output, -less.reasoning));
    }

    /** What an answer has cost that was given up at this share of its generation. */
    BilledTokens upTo(double share) {
        return new BilledTokens(input, cached, (long) (output * share), (long) (reasoning * share));
    }
}
