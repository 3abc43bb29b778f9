package dev.gantry.reread;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.DefaultRecord;
import org.apache.kafka.common.record.DefaultRecordBatch;
import org.apache.kafka.common.record.RecordBatch;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.common.utils.ByteUtils;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * The records of one batch, inflated one by one and never more than a bound: the Kafka client
 * (4.2.1) allocates whatever a record claims to be, and a few kilobytes may claim gigabytes.
 */
final class BatchReader {
    /** Of one batch, however little of it is kept: at some time it is no request any more. */
    private static final long MOST_INFLATED = 4L << 30;

    /** Of a value that is too large: who sent it stands at its beginning, if anywhere. */
    private static final int BEGINNING = 64 << 10;

    private static final int VARINT_BYTES = 5;

    private final TopicPartition partition;
    private final DefaultRecordBatch batch;
    private final long largest;
    private final int count;
    private @Nullable InputStream in;
    private int read;
    private long inflated;
    private long next;

    /**
     * @param batch whose checksum holds
     * @param largest bytes of a record that is kept
     */
    BatchReader(TopicPartition partition, DefaultRecordBatch batch, long largest) {
        this.partition = partition;
        this.batch = batch;
        this.largest = largest;
        this.count = batch.countOrNull();
        this.next = batch.baseOffset();
    }

    /** The first offset behind it. */
    long end() {
        return batch.nextOffset();
    }

    /** The next record, or all that is left if it cannot be read; null at the end. */
    @Nullable LogPiece next() {
        if (read >= count) {
            return null;
        }
        try {
            InputStream from = in == null ? batch.recordInputStream(BufferSupplier.NO_CACHING) : in;
            in = from;
            read++;
            LogPiece piece = piece(from, varint(from::read));
            next = piece.next();
            return piece;
        } catch (IOException | RuntimeException e) { // whatever the bytes make of the codecs
            read = count;
            return new LogPiece.Damaged(next, batch.nextOffset(), ReadFailure.reason(e));
        }
    }

    private LogPiece piece(InputStream from, int size) throws IOException {
        inflated += size;
        if (size < 0 || inflated > MOST_INFLATED) {
            throw new IOException("records of %d bytes and more in one batch".formatted(inflated));
        }
        if (size > largest) {
            return tooLarge(from, size);
        }
        DefaultRecord record = record(from, size);
        return new LogPiece.Found(
                record.offset(), Math.max(size, RecordSize.of(record)), () -> copy(record));
    }

    private DefaultRecord record(InputStream from, int size) throws IOException {
        ByteBuffer prefix = ByteBuffer.allocate(VARINT_BYTES);
        ByteUtils.writeVarint(size, prefix);
        InputStream sized =
                new SequenceInputStream(
                        new ByteArrayInputStream(prefix.array(), 0, prefix.position()), from);
        Long appended =
                batch.timestampType() == TimestampType.LOG_APPEND_TIME
                        ? (Long) batch.maxTimestamp()
                        : null;
        return DefaultRecord.readFrom(
                sized, batch.baseOffset(), batch.baseTimestamp(), batch.baseSequence(), appended);
    }

    private ConsumerRecord<byte[], byte[]> copy(DefaultRecord record) {
        return new ConsumerRecord<>(
                partition.topic(),
                partition.partition(),
                record.offset(),
                record.timestamp(),
                batch.timestampType(),
                record.keySize(),
                record.valueSize(),
                Utils.toNullableArray(record.key()),
                Utils.toNullableArray(record.value()),
                new RecordHeaders(record.headers()),
                epoch());
    }

    private Optional<Integer> epoch() {
        int epoch = batch.partitionLeaderEpoch();
        return epoch == RecordBatch.NO_PARTITION_LEADER_EPOCH
                ? Optional.empty()
                : Optional.of(epoch);
    }

    /** Reads who sent it and passes over the rest. */
    private LogPiece tooLarge(InputStream from, int size) throws IOException {
        Counted counted = new Counted(from);
        counted.skip(1); // attributes
        long timestamp = batch.baseTimestamp() + varlong(counted::read);
        long offset = batch.baseOffset() + varint(counted::read);
        if (batch.timestampType() == TimestampType.LOG_APPEND_TIME) {
            timestamp = batch.maxTimestamp();
        }
        int key = varint(counted::read);
        counted.skip(Math.max(0, key));
        int value = varint(counted::read);
        byte @Nullable [] beginning = value < 0 ? null : counted.some(Math.min(value, BEGINNING));
        counted.skip(size - counted.count);
        return new LogPiece.TooLarge(offset, timestamp, size, beginning);
    }

    private static int varint(Bytes from) throws IOException {
        return Math.toIntExact(varlong(from));
    }

    private static long varlong(Bytes from) throws IOException {
        long bits = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            int read = from.read();
            if (read < 0) {
                throw new EOFException("the batch ends before its last record");
            }
            bits |= (read & 0x7FL) << shift;
            if ((read & 0x80) == 0) {
                return (bits >>> 1) ^ -(bits & 1);
            }
        }
        throw new IOException("a number that does not end");
    }

    private interface Bytes {
        /** The next one; negative at the end. */
        int read() throws IOException;
    }

    /** Knows how much was read of a record. */
    private static final class Counted {
        private final InputStream from;
        private long count;

        Counted(InputStream from) {
            this.from = from;
        }

        int read() throws IOException {
            count++;
            return from.read();
        }

        byte[] some(int bytes) throws IOException {
            count += bytes;
            return from.readNBytes(bytes);
        }

        void skip(long bytes) throws IOException {
            count += bytes;
            from.skipNBytes(bytes);
        }
    }
}
