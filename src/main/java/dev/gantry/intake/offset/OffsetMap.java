package dev.gantry.intake.offset;

/**
 * Which offsets above the committed one are done, as it travels in the commit metadata: everything
 * in [{@code base}, {@code top}) that is not among the incomplete ones is done.
 *
 * @param base the committed offset that this map belongs to
 * @param top first offset that nothing is known of
 * @param incomplete offsets in [base, top)
 * @param lineage the log that all of this is about
 */
public record OffsetMap(long base, long top, OffsetBits incomplete, LogEpoch lineage) {
    /** Knows nothing: all from {@code base} on is to be done. */
    public static OffsetMap none(long base) {
        return new OffsetMap(base, base, new OffsetBits(base), LogEpoch.UNKNOWN);
    }

    /** Whether the map says that the offset is done. */
    boolean done(long offset) {
        return offset < base || (offset < top && !incomplete.contains(offset));
    }

    /** How many offsets in [base, end) are not done. */
    long undoneBelow(long end) {
        long undone = Math.max(0, end - Math.max(base, top));
        long last = Math.min(end, top);
        for (long each = incomplete.next(base);
                each != OffsetBits.NONE && each < last;
                each = incomplete.next(each + 1)) {
            undone++;
        }
        return undone;
    }

    /** The same, of what lies below {@code end} only. */
    public OffsetMap upTo(long end) {
        if (end >= top) {
            return this;
        }
        if (end <= base) {
            return new OffsetMap(end, end, new OffsetBits(end), lineage);
        }
        OffsetBits kept = incomplete.copy();
        kept.remove(end, top);
        return new OffsetMap(base, end, kept, lineage);
    }

    /** The same, of what lies at or above {@code begin} only. */
    OffsetMap from(long begin) {
        if (begin <= base) {
            return this;
        }
        OffsetBits kept = incomplete.copy();
        kept.drop(begin);
        return new OffsetMap(begin, Math.max(begin, top), kept, lineage);
    }

    /** Reads what a commit carried; a text that says nothing of this offset is an empty map. */
    public static OffsetMap read(String text, long committed) {
        return switch (OffsetMapText.read(text, committed)) {
            case OffsetMapText.Reading.Known(OffsetMap map) -> map;
            case OffsetMapText.Reading.Foreign _, OffsetMapText.Reading.Damaged _ ->
                    none(committed);
        };
    }
}
