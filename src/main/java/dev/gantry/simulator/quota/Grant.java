package dev.gantry.simulator.quota;

import dev.gantry.simulator.script.RateLimit;
import dev.gantry.simulator.script.Refusal;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/**
 * What the limits said to one call.
 *
 * @param requests null: they are not limited; likewise tokens
 * @param reserved tokens that the call took at first
 * @param refused null: it may go on
 */
public record Grant(
        Quota quota,
        RateLimit limit,
        TokenBucket.@Nullable Level requests,
        TokenBucket.@Nullable Level tokens,
        long reserved,
        @Nullable Refused refused) {
    /**
     * Why a call may not.
     *
     * @param next until it might; zero: nobody knows
     */
    public record Refused(Refusal refusal, long limit, long used, long requested, Duration next) {}

    /**
     * A call that went on has ended. Once.
     *
     * @param used tokens, of input and output
     */
    public void end(long used) {
        if (refused == null) {
            quota.end(reserved, used);
        }
    }
}
