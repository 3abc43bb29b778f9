package dev.gantry.reread;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** What stands at an offset of a log, or at several. */
public sealed interface LogPiece {
    /** The offset after it. */
    long next();

    /**
     * A record.
     *
     * @param size bytes that it takes, its headers included
     */
    record Found(ConsumerRecord<byte[], byte[]> record, long size) implements LogPiece {
        @Override
        public long next() {
            return record.offset() + 1;
        }
    }

    /** A record that is larger than anybody may ask, and was never held whole. */
    final class TooLarge implements LogPiece {
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

        public long offset() {
            return offset;
        }

        public long timestamp() {
            return timestamp;
        }

        public long bytes() {
            return bytes;
        }

        public byte @Nullable [] beginning() {
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
    record Damaged(long from, long next, String reason) implements LogPiece {}
}
