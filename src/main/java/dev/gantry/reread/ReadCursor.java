package dev.gantry.reread;

import org.jspecify.annotations.Nullable;

import java.util.NavigableSet;

/**
 * One pass over a partition's reads, from the lowest to what was the highest when it began: reads
 * that keep coming further ahead do not hold up those behind.
 *
 * @param position the offset read next; negative: none yet
 * @param last the highest offset of this pass
 * @param far further ahead than this, seeking is cheaper than reading on
 * @param seeks whether the consumer has to be sent to the position
 */
record ReadCursor(long position, long last, int far, boolean seeks) {
    /** Until it is known how many records a poll of this partition yields. */
    private static final int FAR = 500;

    /** Not worth a round trip, however large the records. */
    private static final int NEAR = 16;

    static ReadCursor unstarted() {
        return new ReadCursor(-1, -1, FAR, false);
    }

    /** The way to the next read. */
    ReadCursor next(NavigableSet<Long> wished) {
        @Nullable Long ahead = wished.ceiling(position);
        boolean over = ahead == null || ahead > last;
        long target = over ? wished.first() : ahead;
        long until = over ? wished.last() : last;
        boolean seek = position < 0 || target < position || target - position > far;
        return new ReadCursor(seek ? target : position, until, far, seek);
    }

    /**
     * A poll has brought the consumer up to an offset. What it yields is about what a fetch brings;
     * the rest of a fetch comes as a smaller poll, which is no reason to seek.
     */
    ReadCursor reached(long offset, int records) {
        int yield = Math.clamp(Math.max(records, far / 2), NEAR, FAR);
        return new ReadCursor(offset, last, yield, false);
    }
}
