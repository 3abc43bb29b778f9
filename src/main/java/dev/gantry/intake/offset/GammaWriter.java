package dev.gantry.intake.offset;

import java.util.Arrays;

/** Positive numbers in Elias' gamma code: as many zeros as bits follow the first one. */
final class GammaWriter {
    private final byte[] bytes;
    private long bits;

    /**
     * @param size bytes at most; negative: none
     */
    GammaWriter(int size) {
        this.bytes = new byte[Math.max(0, size)];
    }

    /** False if it finds no room. */
    boolean put(long number) {
        int length = Long.SIZE - Long.numberOfLeadingZeros(number);
        if (bits + 2L * length - 1 > (long) bytes.length * Byte.SIZE) {
            return false;
        }
        bits += length - 1;
        for (int each = length - 1; each >= 0; each--, bits++) {
            if ((number >>> each & 1) != 0) {
                bytes[(int) (bits >> 3)] |= (byte) (0x80 >>> (bits & 7));
            }
        }
        return true;
    }

    byte[] bytes() {
        return Arrays.copyOf(bytes, (int) ((bits + 7) >> 3));
    }
}
