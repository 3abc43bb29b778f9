package dev.gantry.reread;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

import java.util.function.Supplier;

/** What stands at an offset of a log, or at several. */
public sealed interface LogPiece {
    /** The offset after it. */
    long next();

    /**
     * A record.
     *
     * @param size bytes that it takes, its headers included
     * @param copy makes the client's form of it: whoever only looks through needs no copy
     */
    record Found(long offset, long size, Supplier<ConsumerRecord<byte[], byte[]>> copy)
            implements LogPiece {
        public ConsumerRecord<byte[], byte[]> record() {
            return copy.get();
        }

        @Override
        public long next() {
            return offset + 1;
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
