package dev.gantry.intake.offset;

import org.apache.kafka.common.Uuid;

import java.nio.ByteBuffer;

/**
 * A lineage as four numbers: the topic's id in three parts, each so small that it may pass for an
 * offset, and the epoch.
 */
final class LogEpochText {
    private static final int PART = 43;
    private static final long PART_MASK = (1L << PART) - 1;
    private static final int REST = 2 * PART - Long.SIZE;

    /** So many varints it takes. */
    static final int NUMBERS = 4;

    private LogEpochText() {}

    /**
     * @param lead is added to the first number
     */
    static void put(ByteBuffer into, LogEpoch lineage, long lead) {
        long high = lineage.topic().getMostSignificantBits();
        long low = lineage.topic().getLeastSignificantBits();
        Varint.put(into, lead + (high & PART_MASK));
        Varint.put(into, (high >>> PART) | ((low & ((1L << REST) - 1)) << (Long.SIZE - PART)));
        Varint.put(into, low >>> REST);
        Varint.put(into, lineage.epoch() + 1L);
    }

    /**
     * @param first the first number, read already, without its lead
     * @throws IllegalArgumentException if that is none
     */
    static LogEpoch read(ByteBuffer from, long first) {
        long second = Varint.read(from);
        long third = Varint.read(from);
        long epoch = Varint.read(from) - 1;
        if ((first & ~PART_MASK) != 0 || (second & ~PART_MASK) != 0 || (third >>> PART) != 0) {
            throw new IllegalArgumentException("no topic id");
        }
        if (epoch < LogEpoch.NO_EPOCH || epoch > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a leader epoch of " + epoch);
        }
        long high = first | (second << PART);
        long low = (second >>> (Long.SIZE - PART)) | (third << REST);
        return new LogEpoch(new Uuid(high, low), (int) epoch);
    }
}
