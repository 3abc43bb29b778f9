package dev.gantry.intake;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** What stands at an offset of a log, or at several. */
sealed interface Piece {
    /** The offset after it. */
    long next();

    /**
     * A record.
     *
     * @param size bytes that it takes, its headers included
     */
    record Found(ConsumerRecord<byte[], byte[]> record, long size) implements Piece {
        @Override
        public long next() {
            return record.offset() + 1;
        }
    }

    /** A record that is larger than anybody may ask, and was never held whole. */
    final class TooLarge implements Piece {
        private final long offset;
        private final long timestamp;
        private final long bytes;
        private final byte @Nullable [] beginning;

        /**
         * @param bytes of the whole record
         * @param beginning of its value; null if that was not read
         */
        TooLarge(long offset, long timestamp, long bytes, byte @Nullable [] beginning) {
            this.offset = offset;
            this.timestamp = timestamp;
            this.bytes = bytes;
            this.beginning = beginning;
        }

        long offset() {
            return offset;
        }

        long timestamp() {
            return timestamp;
        }

        long bytes() {
            return bytes;
        }

        byte @Nullable [] beginning() {
            return beginning;
        }

        @Override
        public long next() {
            return offset + 1;
        }
    }

    /**
     * Nobody can read what stands here.
     *
     * @param from the first offset
     * @param next the first offset behind it
     */
    record Damaged(long from, long next, String reason) implements Piece {}
}
