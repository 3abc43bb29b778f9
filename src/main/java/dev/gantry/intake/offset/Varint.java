package dev.gantry.intake.offset;

import java.nio.ByteBuffer;

/** Numbers of seven bits a byte, the lowest first. */
final class Varint {
    private Varint() {}

    static void put(ByteBuffer into, long value) {
        long left = value;
        while ((left & ~0x7fL) != 0) {
            into.put((byte) ((left & 0x7f) | 0x80));
            left >>>= 7;
        }
        into.put((byte) left);
    }

    /**
     * @throws java.nio.BufferUnderflowException if it ends within the number
     * @throws IllegalArgumentException if it has more than 64 bits
     */
    static long read(ByteBuffer from) {
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
