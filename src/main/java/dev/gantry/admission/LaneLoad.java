package dev.gantry.admission;

import dev.gantry.inference.LaneId;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/**
 * What this worker has to do with one lane now.
 *
 * @param underWay calls
 * @param waiting requests in line that would take this lane; one may stand in several lines
 * @param window calls that may be under way at once; null: as many as there are slots
 * @param perSecond calls that may go out; null while the lane has shown no limit
 */
public record LaneLoad(
        LaneId lane,
        int underWay,
        int waiting,
        @Nullable Integer window,
        @Nullable Double perSecond) {
    private static final double NANOS = 1e9;

    /** Beyond it, no deadline would be met. */
    private static final double LONGEST = Duration.ofDays(365).toNanos();

    /**
     * How long one more waits here: for whatever bounds the lane, its rate or its window.
     *
     * @param each how long a call takes
     */
    Duration queue(Duration each) {
        double byRate = perSecond == null || waiting == 0 ? 0 : waiting / perSecond * NANOS;
        double byWindow =
                window == null || underWay + waiting < window
                        ? 0
                        : (double) (waiting + 1) / window * each.toNanos();
        // Also where the rate is all but 0.
        return Duration.ofNanos((long) Math.min(LONGEST, Math.max(byRate, byWindow)));
    }
}
