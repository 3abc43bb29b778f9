package dev.gantry.admission;

import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.LaneId;
import dev.gantry.limit.LaneQuota;

import org.jspecify.annotations.Nullable;

import java.util.random.RandomGenerator;

/**
 * What this worker has under way on one lane, and who waits for it; guarded by admission control.
 */
final class LaneLoads {
    final LaneId lane;
    final ProviderLoad provider;
    final WaitLine line;

    int underWay;

    /** How many in the line stopped at this lane, looking no further. */
    int stopped;

    /** Whether it stands in the round of lanes with a line. */
    boolean queued;

    long epoch;
    AdaptiveLimit limit;
    final LaneQuota quota;

    /** Whether it was benched when it was last asked for. */
    private boolean benched;

    /** When the lane was last asked for. */
    long wanted;

    LaneLoads(
            LaneId lane,
            ProviderLoad provider,
            LaneQuota quota,
            WaitLine line,
            long epoch,
            long now,
            RandomGenerator random) {
        this.lane = lane;
        this.provider = provider;
        this.quota = quota;
        this.line = line;
        this.epoch = epoch;
        this.limit = new AdaptiveLimit(now, random);
        this.wanted = now;
    }

    /** When the next call may go out as far as time decides. */
    long admitsFrom(long now) {
        return Math.max(limit.admitsFrom(), quota.from(now));
    }

    LaneLoad load(long now) {
        int window = limit.window(now);
        double perSecond = Math.min(limit.rate(now), quota.perSecond(now));
        return new LaneLoad(
                lane,
                underWay,
                line.size(),
                window > AdaptiveLimit.WIDEST ? null : window,
                perSecond < AdaptiveLimit.NO_LIMIT ? perSecond : null);
    }

    /** A limit that any worker has hit is the limit of all. */
    void benchedFor(@Nullable ErrorKind kind, long now) {
        if (kind == ErrorKind.RATE_LIMIT && !benched) {
            limit.refusedElsewhere(now);
        }
        benched = true;
    }

    /** Of ordinary requests; a probe may pass. */
    void takesNoCalls() {
        benched = true;
    }

    /** A lane that takes no calls wants no slots. */
    boolean benched() {
        return benched;
    }

    /** Slow start begins again when a circuit of the lane has closed. */
    void admittedIn(long current, long now) {
        benched = false;
        if (current != epoch) {
            epoch = current;
            limit.restart(now);
        }
    }
}
