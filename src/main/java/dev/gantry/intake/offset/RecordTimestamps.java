package dev.gantry.intake.offset;

import java.util.Arrays;

/**
 * The timestamps of the records last delivered of one partition: together with its offset, what
 * makes a record the same one. Not thread-safe.
 */
final class RecordTimestamps {
    /** Of no record, or of one that is too long ago. */
    static final long NONE = Long.MIN_VALUE;

    /** Records; two megabytes a partition at most. */
    private static final int MOST = 1 << 18;

    private static final int LEAST = 1 << 8;

    /** A ring: an offset's place is its remainder by the length, a power of two. */
    private long[] ring = new long[0];

    private long first;
    private long next;

    /** Offsets come in order; what is passed over has none. */
    void put(long offset, long stamp, long watermark) {
        if (offset < next) {
            cut(offset);
        }
        first = Math.max(first, watermark);
        if (next < first) {
            next = first;
        }
        first = Math.max(first, offset + 1 - MOST);
        grow(offset + 1 - first);
        for (long gap = Math.max(next, first); gap < offset; gap++) {
            ring[place(gap)] = NONE;
        }
        ring[place(offset)] = stamp;
        next = offset + 1;
    }

    long of(long offset) {
        return offset < first || offset >= next ? NONE : ring[place(offset)];
    }

    /** Nothing at or above is known any more. */
    void cut(long end) {
        next = Math.min(next, end);
        first = Math.min(first, next);
    }

    private int place(long offset) {
        return (int) (offset & (ring.length - 1));
    }

    private void grow(long needed) {
        if (needed <= ring.length) {
            return;
        }
        int length = Math.max(LEAST, Integer.highestOneBit((int) needed - 1) << 1);
        long[] larger = new long[length];
        Arrays.fill(larger, NONE);
        for (long each = first; each < next; each++) {
            larger[(int) (each & (length - 1))] = ring[place(each)];
        }
        ring = larger;
    }
}
