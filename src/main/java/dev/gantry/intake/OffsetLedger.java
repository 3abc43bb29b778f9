package dev.gantry.intake;

import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * What is done of one partition during one assignment. Records complete out of order; the watermark
 * is the offset below which all is done. Not thread-safe: {@link PartitionWork} guards it.
 *
 * <p>An offset is <em>open</em> once begun until completed, and <em>owed</em> while a restored map
 * lists it as incomplete and it has not been delivered again.
 */
final class OffsetLedger {
    private final NavigableSet<Long> open = new TreeSet<>();
    private NavigableSet<Long> owed;

    private static final long UNKNOWN = -1;

    /**
     * The offset committed at assignment; delivery below it means that somebody reset the position.
     */
    private long base;

    /** First offset that nothing is known of. */
    private long top;

    OffsetLedger(OffsetMap restored) {
        this.base = restored.base();
        this.top = restored.top();
        this.owed = restored.incompleteSet();
    }

    private OffsetLedger() {
        this.base = UNKNOWN;
        this.top = UNKNOWN;
        this.owed = new TreeSet<>();
    }

    /**
     * Nothing is committed, or it could not be read: the first delivered offset is where the ledger
     * starts.
     */
    static OffsetLedger unknown() {
        return new OffsetLedger();
    }

    /** False until something was delivered or restored: there is nothing to commit yet. */
    boolean known() {
        return base != UNKNOWN;
    }

    /**
     * Takes a delivered offset; false if it is done already or under way, and must not be worked on
     * again.
     */
    boolean begin(long offset) {
        if (!known() || offset < base) {
            startOver(offset);
        }
        if (offset >= top) {
            top = offset + 1;
            // Delivery is in order: what was owed below and is not coming was compacted or expired.
            owed.clear();
            return open.add(offset);
        }
        owed.headSet(offset, false).clear();
        return owed.remove(offset) && open.add(offset);
    }

    /** Delivery jumped back below the committed offset: nothing remembered holds any more. */
    private void startOver(long offset) {
        base = offset;
        top = offset;
        owed = new TreeSet<>();
    }

    /** False if the offset was not open. */
    boolean complete(long offset) {
        return open.remove(offset);
    }

    /**
     * Everything below {@code position} has been delivered: gaps left by transactions and
     * compaction are done.
     */
    void delivered(long position) {
        if (!known()) {
            startOver(position);
        }
        owed.headSet(position, false).clear();
        top = Math.max(top, position);
    }

    /** The offset to commit: everything below it is done. */
    long watermark() {
        long lowest = top;
        if (!open.isEmpty()) {
            lowest = Math.min(lowest, open.first());
        }
        if (!owed.isEmpty()) {
            lowest = Math.min(lowest, owed.first());
        }
        return lowest;
    }

    /** How many offsets above the watermark are done. */
    long doneAbove() {
        return known() ? top - watermark() - open.size() - owed.size() : 0;
    }

    OffsetMap map() {
        List<Long> incomplete = new ArrayList<>(open.size() + owed.size());
        incomplete.addAll(open);
        incomplete.addAll(owed);
        if (!owed.isEmpty()) {
            incomplete.sort(null);
        }
        return new OffsetMap(watermark(), top, incomplete);
    }

    int openCount() {
        return open.size();
    }
}
