package dev.gantry.simulator;

/**
 * Tokens of one call or of many.
 *
 * @param input cached is a part of it
 * @param output reasoning is a part of it
 */
public record Tokens(long input, long cached, long output, long reasoning) {
    public static final Tokens NONE = new Tokens(0, 0, 0, 0);

    Tokens plus(Tokens more) {
        return new Tokens(
                input + more.input,
                cached + more.cached,
                output + more.output,
                reasoning + more.reasoning);
    }

    Tokens minus(Tokens less) {
        return plus(new Tokens(-less.input, -less.cached, -less.output, -less.reasoning));
    }

    /** What an answer has cost that was given up at this share of its generation. */
    Tokens upTo(double share) {
        return new Tokens(input, cached, (long) (output * share), (long) (reasoning * share));
    }
}
