package dev.gantry.outbox;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How long the drain rests between batches: not at all while nothing else is published, and seven
 * eighths of the time beside heavy live traffic. Used on the drain's thread only.
 */
final class DrainThrottle {
    /** Rest for each time at work, when live traffic is heavy. */
    private static final double REST = 7;

    /** Live traffic from this share of the drain's own rate on counts as heavy. */
    private static final double HEAVY = 0.25;

    private static final Duration LONGEST = Duration.ofSeconds(1);

    private final LongSupplier live;
    private long seen;
    private long seenNanos = System.nanoTime();

    /**
     * @param live records that the broker has taken past the spool, since the start
     */
    DrainThrottle(LongSupplier live) {
        this.live = live;
    }

    /** The rest that a batch owes. */
    Duration after(Duration worked, SpoolSender.Landing landing) {
        long now = System.nanoTime();
        long count = live.getAsLong();
        double liveRate = rate(count - seen, now - seenNanos);
        double ownRate = rate(landing.settled(), worked.toNanos());
        seen = count;
        seenNanos = now;
        if (ownRate == 0) {
            return Duration.ZERO;
        }
        double share = Math.min(1, liveRate / (HEAVY * ownRate));
        return Duration.ofNanos(
                Math.min(LONGEST.toNanos(), (long) (share * REST * worked.toNanos())));
    }

    private static double rate(long records, long nanos) {
        return (double) records / Math.max(1, nanos);
    }
}
