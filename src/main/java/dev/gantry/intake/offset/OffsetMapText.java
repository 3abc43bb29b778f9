package dev.gantry.intake.offset;

import java.nio.BufferOverflowException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Optional;

/**
 * The wire form of a map: base64url without padding of a format byte and what follows.
 *
 * <p>Format 1, while the incomplete offsets are few: as varints the base, the length of the window
 * and the distance of each incomplete offset from the one before (the first from the base). What
 * lies at or beyond the window's end is no offset: four numbers that name the {@link LogEpoch}. A
 * release that knows of no lineage takes them for offsets that it has not seen yet, and forgets
 * them with the next record.
 *
 * <p>Format 2, where format 1 would not fit: as varints the lineage, the base and the window's
 * length, then the lengths of the window's runs in Elias' gamma code, incomplete and done in turn:
 * neighbours that wait together cost a few bits, and the worst case, every second one, one bit per
 * offset.
 */
public final class OffsetMapText {
    /** The broker's default limit (offset.metadata.max.bytes), which counts characters. */
    public static final int MAX_CHARS = 4096;

    /** A wider window is no map of ours, and would cost as many bits of memory. */
    private static final long WIDEST = 1L << 30;

    private static final byte LISTED = 1;
    private static final byte RUNS = 2;
    private static final int MAX_VARINT = 10;

    private OffsetMapText() {}

    /**
     * What a commit carries.
     *
     * @param reached the map is told up to here; what is done above is not
     */
    public record Written(String text, long reached) {}

    /** What a text turned out to be. */
    public sealed interface Reading {
        record Known(OffsetMap map) implements Reading {}

        /** Nobody's map of this offset: somebody else has set the position. */
        record Foreign() implements Reading {}

        /** Begins as a map of this offset and cannot be read. */
        record Damaged(String why) implements Reading {}
    }

    /** Writes the whole map, or the lowest part that fits. */
    public static Written write(OffsetMap map, int maxChars) {
        return list(map, maxChars).orElseGet(() -> runs(map, maxChars));
    }

    private static int bytes(int maxChars) {
        return maxChars / 4 * 3;
    }

    private static String text(ByteBuffer bytes) {
        byte[] exact = new byte[bytes.position()];
        bytes.flip().get(exact);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(exact);
    }

    private static Optional<Written> list(OffsetMap map, int maxChars) {
        int waiting = map.incomplete().count();
        // All of the window is to be done: the same as no window.
        long top = waiting == map.top() - map.base() ? map.base() : map.top();
        if (top == map.base() && !map.lineage().known()) {
            return Optional.of(new Written("", map.top()));
        }
        ByteBuffer bytes = ByteBuffer.allocate(bytes(maxChars));
        if (top > map.base() && waiting > bytes.capacity()) {
            return Optional.empty();
        }
        try {
            bytes.put(LISTED);
            Varint.put(bytes, map.base());
            Varint.put(bytes, top - map.base());
            long previous = map.base();
            for (long each = map.incomplete().next(map.base());
                    each != OffsetBits.NONE && each < top;
                    each = map.incomplete().next(each + 1)) {
                Varint.put(bytes, each - previous);
                previous = each;
            }
            if (map.lineage().known()) {
                LogEpochText.put(bytes, map.lineage(), top - previous);
            }
            return Optional.of(new Written(text(bytes), map.top()));
        } catch (BufferOverflowException _) {
            return Optional.empty();
        }
    }

    private static Written runs(OffsetMap map, int maxChars) {
        int size = bytes(maxChars);
        ByteBuffer bytes = ByteBuffer.allocate(size);
        try {
            bytes.put(RUNS);
            LogEpochText.put(bytes, map.lineage(), 0);
            Varint.put(bytes, map.base());
        } catch (BufferOverflowException _) {
            return new Written("", map.base());
        }
        if (bytes.remaining() < MAX_VARINT) {
            return new Written("", map.base());
        }
        GammaWriter runs = new GammaWriter(size - bytes.position() - MAX_VARINT);
        long reached = runs(map, runs);
        Varint.put(bytes, reached - map.base());
        bytes.put(runs.bytes());
        return new Written(text(bytes), reached);
    }

    /** Returns the end of the last run that found room. */
    private static long runs(OffsetMap map, GammaWriter into) {
        long at = map.base();
        while (at < map.top()) {
            long open = Math.min(map.incomplete().nextGap(at), map.top());
            long next = map.incomplete().next(open);
            long done = next == OffsetBits.NONE ? map.top() : Math.min(next, map.top());
            if (open == at || !into.put(open - at)) {
                return at;
            }
            if (done > open && !into.put(done - open)) {
                return open;
            }
            at = done;
        }
        return at;
    }

    public static Reading read(String text, long committed) {
        if (text.isEmpty()) {
            return new Reading.Known(OffsetMap.none(committed));
        }
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(text));
            return switch (bytes.get()) {
                case LISTED -> listed(bytes, committed);
                case RUNS -> runs(bytes, committed);
                default -> new Reading.Foreign();
            };
        } catch (IllegalArgumentException | BufferUnderflowException _) {
            return new Reading.Foreign();
        }
    }

    private static Reading listed(ByteBuffer bytes, long committed) {
        if (Varint.read(bytes) != committed) {
            return new Reading.Foreign();
        }
        try {
            long top = committed + window(Varint.read(bytes));
            OffsetBits incomplete = new OffsetBits(committed);
            LogEpoch lineage = LogEpoch.UNKNOWN;
            long previous = committed;
            while (bytes.hasRemaining()) {
                long distance = Varint.read(bytes);
                if (previous + distance >= top || distance < 0) {
                    lineage = LogEpochText.read(bytes, distance - (top - previous));
                    break;
                }
                previous += distance;
                incomplete.add(previous);
            }
            return new Reading.Known(new OffsetMap(committed, top, incomplete, lineage));
        } catch (IllegalArgumentException | BufferUnderflowException e) {
            return new Reading.Damaged(e.toString());
        }
    }

    private static Reading runs(ByteBuffer bytes, long committed) {
        ByteBuffer name = bytes.duplicate();
        for (int each = 0; each < LogEpochText.NUMBERS; each++) {
            long _ = Varint.read(bytes);
        }
        // Whose map it is comes before what its log's name says: a damaged one is ours still.
        if (Varint.read(bytes) != committed) {
            return new Reading.Foreign();
        }
        try {
            LogEpoch lineage = LogEpochText.read(name, Varint.read(name));
            long top = committed + window(Varint.read(bytes));
            OffsetBits incomplete = new OffsetBits(committed);
            GammaReader runs = new GammaReader(bytes);
            boolean done = false;
            for (long at = committed; at < top; done = !done) {
                long end = at + runs.next();
                if (end > top) {
                    throw new IllegalArgumentException("a run beyond the window");
                }
                for (long each = at; each < end && !done; each++) {
                    incomplete.add(each);
                }
                at = end;
            }
            return new Reading.Known(new OffsetMap(committed, top, incomplete, lineage));
        } catch (IllegalArgumentException | BufferUnderflowException e) {
            return new Reading.Damaged(e.toString());
        }
    }

    private static long window(long length) {
        if (length < 0 || length > WIDEST) {
            throw new IllegalArgumentException("a window of " + length);
        }
        return length;
    }
}
