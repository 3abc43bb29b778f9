package dev.gantry.intake.offset;

/**
 * What is done of one partition during one assignment. Records complete out of order; the watermark
 * is the offset below which all is done. Not thread-safe: whoever holds the partition guards it.
 *
 * <p>An offset is <em>open</em> once begun until completed, and <em>owed</em> while a restored map
 * lists it as incomplete and it has not been delivered again. Delivery is in order, so what is
 * incomplete below the position is open, and what is incomplete from there on is owed.
 */
final class OffsetLedger {
    private OffsetBits incomplete;

    /** The next offset to be delivered. */
    private long position;

    /** First offset that nothing is known of; never below the position. */
    private long top;

    private LogEpoch lineage;

    /** Counts what a map would show. */
    private long version;

    OffsetLedger(OffsetMap restored) {
        this.incomplete = restored.incomplete().copy();
        this.position = restored.base();
        this.top = restored.top();
        this.lineage = restored.lineage();
    }

    LogEpoch lineage() {
        return lineage;
    }

    /** What is begun from now on comes from this log. */
    void lineage(LogEpoch now) {
        if (!now.equals(lineage)) {
            version++;
            lineage = now;
        }
    }

    /** The next offset to be delivered; a lower one comes only if the log went back. */
    long position() {
        return position;
    }

    /** First offset that nothing is known of. */
    long top() {
        return top;
    }

    /**
     * Takes a delivered offset; false if it is done already and must not be worked on again.
     *
     * @param offset not below the position
     */
    boolean begin(long offset) {
        if (offset < position) {
            throw new IllegalArgumentException(
                    "offset %d was delivered below the position %d".formatted(offset, position));
        }
        version++;
        // Delivery is in order: what was owed below and is not coming was compacted or expired.
        incomplete.remove(position, offset);
        position = offset + 1;
        if (offset < top) {
            return incomplete.contains(offset);
        }
        top = offset + 1;
        return incomplete.add(offset);
    }

    /** False if the offset was not open. */
    boolean complete(long offset) {
        boolean open = offset < position && incomplete.remove(offset);
        if (open) {
            version++;
        }
        return open;
    }

    /** Everything below has been delivered: gaps left by transactions and compaction are done. */
    void delivered(long below) {
        if (below <= position) {
            return;
        }
        version++;
        incomplete.remove(position, below);
        position = below;
        top = Math.max(top, position);
    }

    /**
     * The log ends here, and what is written from now on is new: nothing at or above this offset is
     * known any more.
     */
    void cut(long end) {
        if (end >= top) {
            return;
        }
        version++;
        if (end < watermark()) {
            incomplete = new OffsetBits(end);
            position = end;
        } else {
            incomplete.remove(end, top);
            position = Math.min(position, end);
        }
        top = end;
    }

    /** The offset to commit: everything below it is done. */
    long watermark() {
        long first = incomplete.first();
        return first == OffsetBits.NONE ? top : first;
    }

    /** How many offsets above the watermark are done. */
    long doneAbove() {
        return top - watermark() - incomplete.count();
    }

    /** The lowest offset in [from, top) that is done; the top if there is none. */
    long nextDone(long from) {
        return Math.min(incomplete.nextGap(Math.max(from, watermark())), top);
    }

    boolean done(long offset) {
        return offset < top && !incomplete.contains(offset);
    }

    /** Live; for the moment only. */
    OffsetMap map() {
        long watermark = watermark();
        incomplete.drop(watermark);
        return new OffsetMap(watermark, top, incomplete, lineage);
    }

    /** Changes with whatever the map shows. */
    long version() {
        return version;
    }
}
