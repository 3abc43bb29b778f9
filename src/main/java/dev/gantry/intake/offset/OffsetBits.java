package dev.gantry.intake.offset;

import java.util.Arrays;

/**
 * A set of offsets, one bit each, from a floor on: what lies in the window between a partition's
 * watermark and its top. Not thread-safe.
 */
public final class OffsetBits {
    /** No such offset. */
    static final long NONE = -1;

    private static final int BITS = Long.SIZE;
    private static final int FIRST_WORDS = 4;

    /** What lies behind is dropped in pieces of this many words, so that it is seldom copied. */
    private static final int SLACK = 64;

    /** The offset of the first bit, a multiple of 64. */
    private long start;

    private long[] words = new long[FIRST_WORDS];
    private int count;

    /** Nothing below is in the set. */
    private long low;

    /**
     * @param floor no lower offset will be added
     */
    public OffsetBits(long floor) {
        this.start = floor & -BITS;
        this.low = floor;
    }

    private OffsetBits(OffsetBits other) {
        this.start = other.start;
        this.words = other.words.clone();
        this.count = other.count;
        this.low = other.low;
    }

    OffsetBits copy() {
        return new OffsetBits(this);
    }

    public int count() {
        return count;
    }

    boolean isEmpty() {
        return count == 0;
    }

    public boolean contains(long offset) {
        long word = (offset - start) >> 6;
        return word >= 0 && word < words.length && (words[(int) word] & bit(offset)) != 0;
    }

    /** False if it was there. */
    boolean add(long offset) {
        if (offset < start) {
            throw new IllegalArgumentException(
                    "offset %d lies below the floor %d".formatted(offset, start));
        }
        int word = room(offset);
        if ((words[word] & bit(offset)) != 0) {
            return false;
        }
        words[word] |= bit(offset);
        count++;
        low = Math.min(low, offset);
        return true;
    }

    private int room(long offset) {
        int word = Math.toIntExact((offset - start) >> 6);
        if (word >= words.length) {
            words = Arrays.copyOf(words, Math.max(word + 1, words.length * 2));
        }
        return word;
    }

    /** False if it was not there. */
    boolean remove(long offset) {
        if (!contains(offset)) {
            return false;
        }
        words[(int) ((offset - start) >> 6)] &= ~bit(offset);
        count--;
        return true;
    }

    /** Removes what lies in [from, to). */
    void remove(long from, long to) {
        for (long each = next(from); each != NONE && each < to; each = next(each + 1)) {
            remove(each);
        }
    }

    /** Removes what lies at or above. */
    void removeFrom(long from) {
        for (long each = next(from); each != NONE; each = next(each + 1)) {
            remove(each);
        }
    }

    /** The lowest, or {@link #NONE}. */
    long first() {
        long first = next(low);
        if (first != NONE) {
            low = first;
        }
        return first;
    }

    /** The lowest at or above, or {@link #NONE}. */
    long next(long from) {
        long at = Math.max(from, start);
        long index = (at - start) >> 6;
        if (count == 0 || index >= words.length) {
            return NONE;
        }
        int word = (int) index;
        long bits = words[word] & (-1L << (at & 63));
        while (bits == 0) {
            if (++word == words.length) {
                return NONE;
            }
            bits = words[word];
        }
        return start + (long) word * BITS + Long.numberOfTrailingZeros(bits);
    }

    /** The lowest offset at or above that is not in the set. */
    long nextGap(long from) {
        long at = Math.max(from, start);
        long index = (at - start) >> 6;
        if (index >= words.length) {
            return at;
        }
        int word = (int) index;
        long bits = ~words[word] & (-1L << (at & 63));
        while (bits == 0) {
            if (++word == words.length) {
                return start + (long) word * BITS;
            }
            bits = ~words[word];
        }
        return start + (long) word * BITS + Long.numberOfTrailingZeros(bits);
    }

    /** Nothing below is wanted any more. */
    void drop(long floor) {
        remove(start, Math.min(floor, start + (long) words.length * BITS));
        low = Math.max(low, floor);
        long dead = (floor - start) >> 6;
        if (dead >= SLACK && dead * 2 >= words.length) {
            int from = (int) Math.min(dead, words.length);
            words =
                    Arrays.copyOf(
                            Arrays.copyOfRange(words, from, words.length),
                            Math.max(FIRST_WORDS, words.length - from));
            start += dead * BITS;
        }
    }

    private static long bit(long offset) {
        return 1L << (offset & 63);
    }
}
