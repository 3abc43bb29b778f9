package dev.gantry.simulator.script;

/**
 * What a good answer looks like.
 *
 * @param tokens billed output before the request's own limit; 0: 40 to 200, from the request
 * @param cachedShare of the prompt tokens, reported as cached
 * @param reasoningShare of the completion tokens, reported as reasoning
 * @param modelSuffix appended to the model that the answer names, for example -2025-08-07
 */
public record AnswerShape(
        int tokens, double cachedShare, double reasoningShare, String modelSuffix) {
    public static final AnswerShape USUAL = new AnswerShape(0, 0, 0, "");

    static final int MOST_TOKENS = 1_000_000;

    public AnswerShape {
        if (tokens < 0 || tokens > MOST_TOKENS) {
            throw new IllegalArgumentException(
                    "tokens: %d is not a number from 0 to %d".formatted(tokens, MOST_TOKENS));
        }
        share("cached_share", cachedShare);
        share("reasoning_share", reasoningShare);
    }

    private static void share(String member, double share) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException(
                    "%s: %s is not a number from 0 to 1".formatted(member, share));
        }
    }
}
