package dev.gantry.routing;

import dev.gantry.inference.RequestBody;

/**
 * Whether a request fits a lane's context window. The router and the check before a dispatch both
 * ask here, so no lane is chosen that the guard then rejects.
 */
public final class ContextGuard {
    private ContextGuard() {}

    /**
     * An unknown window passes.
     *
     * @param headroom the share of the window that may be filled
     */
    public static boolean fits(Lane lane, RequestBody.Facts facts, double headroom) {
        if (lane.contextWindow() == null) {
            return true;
        }
        long usable = (long) Math.floor(lane.contextWindow() * headroom);
        return facts.longestInputTokens() <= usable
                && output(lane, facts) <= usable - facts.longestInputTokens();
    }

    /** What is really sent: a limit above the model's ceiling is clamped to it. */
    private static long output(Lane lane, RequestBody.Facts facts) {
        if (facts.requestedOutputTokens() == null) {
            return 0;
        }
        return lane.maxOutputTokens() == null
                ? facts.requestedOutputTokens()
                : Math.min(facts.requestedOutputTokens(), lane.maxOutputTokens());
    }
}
