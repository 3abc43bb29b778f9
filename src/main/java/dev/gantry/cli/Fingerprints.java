package dev.gantry.cli;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A set of texts kept as 128 bits each: a batch of millions of ids fits in memory, and no two ids
 * will ever be taken for one.
 *
 * <p>Not safe for several threads.
 */
final class Fingerprints {
    private static final int INITIAL_SLOTS = 1024;

    private final MessageDigest digest = sha256();
    // Two words per slot; both zero: free.
    private long[] slots = new long[2 * INITIAL_SLOTS];
    private int size;

    int size() {
        return size;
    }

    /** Whether it was new. */
    boolean add(String text) {
        ByteBuffer hash = hash(text);
        return insert(hash.getLong(0), hash.getLong(Long.BYTES));
    }

    boolean contains(String text) {
        ByteBuffer hash = hash(text);
        return slots[slot(hash.getLong(0), hash.getLong(Long.BYTES))] != 0;
    }

    private boolean insert(long high, long low) {
        int slot = slot(high, low);
        if (slots[slot] != 0) {
            return false;
        }
        slots[slot] = high;
        slots[slot + 1] = low;
        size++;
        if (size > slots.length / 2 * 3 / 4) {
            grow();
        }
        return true;
    }

    private int slot(long high, long low) {
        int mask = slots.length / 2 - 1;
        int slot = (int) low & mask;
        while (slots[2 * slot] != 0 && (slots[2 * slot] != high || slots[2 * slot + 1] != low)) {
            slot = (slot + 1) & mask;
        }
        return 2 * slot;
    }

    private void grow() {
        long[] old = slots;
        slots = new long[Math.multiplyExact(old.length, 2)];
        size = 0;
        for (int i = 0; i < old.length; i += 2) {
            if (old[i] != 0) {
                insert(old[i], old[i + 1]);
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
