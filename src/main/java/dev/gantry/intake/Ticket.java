package dev.gantry.intake;

import dev.gantry.inference.InferenceRequest;
import dev.gantry.worker.Flight;
import dev.gantry.worker.Parked;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.CRC32C;

/**
 * One delivered record of one assignment, from its arrival until its offset is done. Compared by
 * identity: a redelivered record has another ticket.
 */
final class Ticket {
    /** Bytes of what the client makes of one header beside its name and value. */
    private static final int HEADER_OBJECTS = 128;

    private final PartitionWork partition;
    private final long offset;
    private final long timestamp;
    private final int epoch;
    private final int checksum;
    private final int size;
    private final Flight flight;
    private final long arrivedNanos;

    /** Null while the record is left on the broker; changed by the partition, under its lock. */
    private volatile @Nullable ConsumerRecord<byte[], byte[]> record;

    /** Set while the request waits for a lane; whoever takes it out decides what follows. */
    private final AtomicReference<@Nullable Waiting> waiting = new AtomicReference<>();

    /**
     * A request that waits for a lane.
     *
     * @param head what of the request outlasts its body
     * @param request null where the record is left on the broker
     */
    record Waiting(
            Parked parked,
            Head head,
            @Nullable InferenceRequest request,
            TicketCompletion completion) {}

    /**
     * @param arrivedNanos on the monotonic clock
     */
    Ticket(
            PartitionWork partition,
            ConsumerRecord<byte[], byte[]> record,
            Flight flight,
            long arrivedNanos) {
        this.partition = partition;
        this.record = record;
        this.offset = record.offset();
        this.timestamp = record.timestamp();
        this.epoch = record.leaderEpoch().orElse(Lineage.NO_EPOCH);
        this.checksum = checksum(record);
        this.size = Math.toIntExact(Math.min(size(record), Integer.MAX_VALUE));
        this.flight = flight;
        this.arrivedNanos = arrivedNanos;
    }

    /** Bytes that a record takes: its key, its value, and its headers with their objects. */
    static long size(ConsumerRecord<byte[], byte[]> record) {
        long size = length(record.key()) + length(record.value());
        for (Header each : record.headers()) {
            // A character of a name is no less than a byte, and rarely more.
            size += HEADER_OBJECTS + each.key().length() + length(each.value());
        }
        return size;
    }

    private static long length(byte @Nullable [] bytes) {
        return bytes == null ? 0 : bytes.length;
    }

    private static int checksum(ConsumerRecord<byte[], byte[]> record) {
        CRC32C sum = new CRC32C();
        if (record.key() != null) {
            sum.update(record.key());
        }
        if (record.value() != null) {
            sum.update(record.value());
        }
        return (int) sum.getValue();
    }

    /** Whether both are of one record, delivered twice. */
    boolean isOf(Ticket again) {
        return offset == again.offset
                && timestamp == again.timestamp
                && epoch == again.epoch
                && checksum == again.checksum;
    }

    PartitionWork partition() {
        return partition;
    }

    /** Null if it was left on the broker. */
    @Nullable ConsumerRecord<byte[], byte[]> record() {
        return record;
    }

    void record(@Nullable ConsumerRecord<byte[], byte[]> held) {
        record = held;
    }

    Flight flight() {
        return flight;
    }

    long arrivedNanos() {
        return arrivedNanos;
    }

    long offset() {
        return offset;
    }

    /** Of the record, milliseconds since the epoch. */
    long timestamp() {
        return timestamp;
    }

    /** The leader's, when it was written. */
    int epoch() {
        return epoch;
    }

    /** Bytes of the record, its key and headers included. */
    int size() {
        return size;
    }

    /** Bytes held now. */
    int held() {
        return record == null ? 0 : size;
    }

    AtomicReference<@Nullable Waiting> waiting() {
        return waiting;
    }

    @Override
    public String toString() {
        return partition.partition() + "@" + offset;
    }
}
