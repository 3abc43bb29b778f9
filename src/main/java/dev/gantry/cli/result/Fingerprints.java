package dev.gantry.cli.result;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A set of texts kept as 128 bits each, with a few words of data beside each: a batch of millions
 * of ids fits in memory, and no two ids will ever be taken for one.
 *
 * <p>Not safe for several threads.
 */
public final class Fingerprints {
    private static final int INITIAL_SLOTS = 1024;
    private static final int HASH_WORDS = 2;

    private final MessageDigest digest = sha256();
    private final int stride;
    // The hash first; both of its words zero: free.
    private long[] slots;
    private int size;

    public Fingerprints() {
        this(0);
    }

    /**
     * @param data words that are kept beside each text, zero at first
     */
    public Fingerprints(int data) {
        this.stride = HASH_WORDS + data;
        this.slots = new long[stride * INITIAL_SLOTS];
    }

    int size() {
        return size;
    }

    /** Whether it was new. */
    public boolean add(String text) {
        int before = size;
        int _ = put(text);
        return size > before;
    }

    public boolean contains(String text) {
        return find(text) >= 0;
    }

    /** Where a text's data are, until the next text is added; added itself if it is new. */
    int put(String text) {
        if ((size + 1) * 4L > capacity() * 3L) {
            grow();
        }
        ByteBuffer hash = hash(text);
        return insert(hash.getLong(0), hash.getLong(Long.BYTES));
    }

    /** As {@link #put}, -1 for a text that is not here. */
    int find(String text) {
        ByteBuffer hash = hash(text);
        int slot = slot(hash.getLong(0), hash.getLong(Long.BYTES));
        return slots[slot] == 0 ? -1 : slot;
    }

    long data(int place, int word) {
        return slots[place + HASH_WORDS + word];
    }

    void data(int place, int word, long value) {
        slots[place + HASH_WORDS + word] = value;
    }

    private int capacity() {
        return slots.length / stride;
    }

    private int insert(long high, long low) {
        int slot = slot(high, low);
        if (slots[slot] == 0) {
            slots[slot] = high;
            slots[slot + 1] = low;
            size++;
        }
        return slot;
    }

    private int slot(long high, long low) {
        int mask = capacity() - 1;
        int index = (int) low & mask;
        while (slots[index * stride] != 0
                && (slots[index * stride] != high || slots[index * stride + 1] != low)) {
            index = (index + 1) & mask;
        }
        return index * stride;
    }

    private void grow() {
        long[] old = slots;
        slots = new long[Math.multiplyExact(old.length, 2)];
        size = 0;
        for (int i = 0; i < old.length; i += stride) {
            if (old[i] != 0) {
                int slot = insert(old[i], old[i + 1]);
                System.arraycopy(old, i, slots, slot, stride);
            }
        }
    }

    private ByteBuffer hash(String text) {
        ByteBuffer hash = ByteBuffer.wrap(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
        if (hash.getLong(0) == 0) {
            hash.putLong(0, 1); // zero marks a free slot
        }
        return hash;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
