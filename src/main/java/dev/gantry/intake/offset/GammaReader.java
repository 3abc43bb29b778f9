package dev.gantry.intake.offset;

import java.nio.ByteBuffer;

/** Reads what {@link GammaWriter} wrote. */
final class GammaReader {
    private final ByteBuffer bytes;
    private int current;
    private int left;

    GammaReader(ByteBuffer bytes) {
        this.bytes = bytes;
    }

    /**
     * @throws java.nio.BufferUnderflowException at the end
     * @throws IllegalArgumentException if the number has more than 62 bits
     */
    long next() {
        int zeros = 0;
        while (bit() == 0) {
            if (++zeros > 61) {
                throw new IllegalArgumentException("a run of more than 62 bits");
            }
        }
        long number = 1;
        for (int each = 0; each < zeros; each++) {
            number = number << 1 | bit();
        }
        return number;
    }

    private int bit() {
        if (left == 0) {
            current = bytes.get();
            left = Byte.SIZE;
        }
        left--;
        return current >>> left & 1;
    }
}
