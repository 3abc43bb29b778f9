package dev.gantry.intake;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Which offsets above the committed one are done, as it travels in the commit metadata: everything
 * in [{@code base}, {@code top}) that is not listed is done.
 *
 * <p>The incomplete offsets are listed, not the done ones: their number is bounded by the requests
 * in flight, while the window behind one ten-minute call holds tens of thousands of done ones.
 *
 * <p>Wire form: base64url without padding of: format byte 1, then as varints the base, the length
 * of the window and the distance of each incomplete offset from the one before (the first from the
 * base).
 *
 * @param base the committed offset that this map belongs to
 * @param top first offset that nothing is known of
 * @param incomplete offsets in [base, top), ascending
 */
record OffsetMap(long base, long top, List<Long> incomplete) {
    /** The broker's default limit (offset.metadata.max.bytes), which counts characters. */
    static final int MAX_CHARS = 4096;

    private static final byte FORMAT = 1;
    private static final int MAX_BYTES = MAX_CHARS / 4 * 3;
    private static final int MAX_VARINT = 10;

    OffsetMap {
        incomplete = List.copyOf(incomplete);
    }

    /** Knows nothing: all from {@code base} on is to be done. */
    static OffsetMap none(long base) {
        return new OffsetMap(base, base, List.of());
    }

    /**
     * What a commit carries.
     *
     * @param truncated whether the upper part did not fit; it counts as not done: repeats, never
     *     loss
     */
    record Metadata(String text, boolean truncated) {}

    /** Writes the lowest part that fits; empty where the map says nothing. */
    Metadata metadata() {
        if (incomplete.size() == top - base) {
            return new Metadata("", false);
        }
        ByteBuffer deltas = ByteBuffer.allocate(MAX_BYTES);
        int room = MAX_BYTES - 1 - 2 * MAX_VARINT;
        long reached = top;
        long previous = base;
        for (long offset : incomplete) {
            if (deltas.position() + MAX_VARINT > room) {
                reached = offset;
                break;
            }
            putVarint(deltas, offset - previous);
            previous = offset;
        }
        ByteBuffer whole = ByteBuffer.allocate(MAX_BYTES).put(FORMAT);
        putVarint(whole, base);
        putVarint(whole, reached - base);
        whole.put(deltas.flip()).flip();
        byte[] bytes = new byte[whole.remaining()];
        whole.get(bytes);
        return new Metadata(
                Base64.getUrlEncoder().withoutPadding().encodeToString(bytes), reached != top);
    }

    /**
     * Reads a map back. One that is empty, of another format or damaged, or whose base is not the
     * committed offset (somebody reset it) says nothing.
     */
    static OffsetMap read(String text, long committed) {
        if (text.isEmpty()) {
            return none(committed);
        }
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Base64.getUrlDecoder().decode(text));
            if (bytes.get() != FORMAT || varint(bytes) != committed) {
                return none(committed);
            }
            return new OffsetMap(committed, committed + varint(bytes), rest(bytes, committed));
        } catch (IllegalArgumentException | java.nio.BufferUnderflowException _) {
            return none(committed);
        }
    }

    NavigableSet<Long> incompleteSet() {
        return new TreeSet<>(incomplete);
    }

    private static List<Long> rest(ByteBuffer bytes, long base) {
        List<Long> offsets = new ArrayList<>();
        long previous = base;
        while (bytes.hasRemaining()) {
            previous += varint(bytes);
            offsets.add(previous);
        }
        return offsets;
    }

    private static void putVarint(ByteBuffer into, long value) {
        long left = value;
        while ((left & ~0x7fL) != 0) {
            into.put((byte) ((left & 0x7f) | 0x80));
            left >>>= 7;
        }
        into.put((byte) left);
    }

    private static long varint(ByteBuffer from) {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte each = from.get();
            value |= (each & 0x7fL) << shift;
            if (each >= 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("a varint of more than 64 bits");
    }
}
