package dev.gantry.intake;

import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.RequestId;
import dev.gantry.inference.SourcePosition;
import dev.gantry.inference.SuspendedRun;
import dev.gantry.intake.offset.LogEpoch;
import dev.gantry.intake.position.PartitionState;
import dev.gantry.request.RequestIdentity;
import dev.gantry.reread.RecordSize;
import dev.gantry.worker.Completion;
import dev.gantry.worker.RequestHandle;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One delivered record of one assignment, from its arrival until its offset is done. Compared by
 * identity: a redelivered record is another one.
 */
public final class InFlightRecord implements Completion {
    private final AssignedPartition partition;
    private final long offset;
    private final long timestamp;
    private final int epoch;
    private final int checksum;
    private final int size;
    private final RequestHandle handle;
    private final long arrivedNanos;

    /** Null while the record is left on the broker; changed by the partition, under its lock. */
    private volatile @Nullable ConsumerRecord<byte[], byte[]> record;

    /** Set while the request waits for a lane; whoever takes it out decides what follows. */
    private final AtomicReference<@Nullable SuspendedRun> waiting = new AtomicReference<>();

    /** What of the request outlasts its body; null until it was decoded. */
    private volatile @Nullable RequestIdentity identity;

    private final AtomicBoolean ended = new AtomicBoolean();

    // Both are guarded by the lock of the partition's open records, who alone use them.

    private Stage stage = Stage.IDLE;

    /** Whether others were told that this worker finishes it, whoever owns its partition. */
    private boolean given;

    /** What goes on with it. */
    enum Stage {
        /** Nothing: not yet, or it was given up. */
        IDLE,
        AT_WORK,
        /** It waits for a lane, and none has been called for it. */
        WAITS,
        /** It waits for a lane, and has called some. */
        WAITS_BEGUN
    }

    /**
     * @param arrivedNanos on the monotonic clock
     */
    InFlightRecord(
            AssignedPartition partition,
            ConsumerRecord<byte[], byte[]> record,
            RequestHandle handle,
            long arrivedNanos) {
        this.partition = partition;
        this.record = record;
        this.offset = record.offset();
        this.timestamp = record.timestamp();
        this.epoch = record.leaderEpoch().orElse(LogEpoch.NO_EPOCH);
        this.checksum = RecordSize.checksum(record);
        this.size = Math.toIntExact(Math.min(RecordSize.of(record), Integer.MAX_VALUE));
        this.handle = handle;
        this.arrivedNanos = arrivedNanos;
    }

    /** Whether both are of one record, delivered twice. */
    boolean isOf(InFlightRecord again) {
        return offset == again.offset
                && timestamp == again.timestamp
                && epoch == again.epoch
                && checksum == again.checksum;
    }

    AssignedPartition partition() {
        return partition;
    }

    /** Null if it was left on the broker. */
    @Nullable ConsumerRecord<byte[], byte[]> record() {
        return record;
    }

    void record(@Nullable ConsumerRecord<byte[], byte[]> held) {
        record = held;
    }

    Stage stage() {
        return stage;
    }

    void stage(Stage now) {
        stage = now;
    }

    boolean given() {
        return given;
    }

    void given(boolean now) {
        given = now;
    }

    /** What it is known by beside its partition's assignment. */
    SourcePosition source() {
        TopicPartition of = partition.partition();
        return new SourcePosition(of.topic(), of.partition(), offset, timestamp);
    }

    RequestHandle handle() {
        return handle;
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
    public int size() {
        return size;
    }

    /** Bytes held now. */
    int held() {
        return record == null ? 0 : size;
    }

    AtomicReference<@Nullable SuspendedRun> waiting() {
        return waiting;
    }

    /** What of the request outlasts its body; null until it was decoded. */
    @Nullable RequestIdentity identity() {
        return identity;
    }

    /** The record was decoded to this request. */
    void identified(InferenceRequest request) {
        identity = RequestIdentity.of(request);
        handle.identified(request.id());
    }

    /**
     * As pages show it.
     *
     * @param heldBy the worker that finishes it; null: this one
     */
    PartitionState.Oldest shown(@Nullable String heldBy, long nowNanos) {
        RequestId id = handle.requestId();
        LaneId lane = handle.lane();
        return new PartitionState.Oldest(
                offset,
                id == null ? null : id.value(),
                lane == null ? null : lane.value(),
                heldBy,
                Duration.ofNanos(nowNanos - arrivedNanos));
    }

    /** Ends the record, once, however often it is told. */
    @Override
    public void safe() {
        if (ended.compareAndSet(false, true)) {
            partition.completed(this);
        }
    }

    /** The same. */
    @Override
    public void abandoned() {
        if (ended.compareAndSet(false, true)) {
            partition.abandoned(this);
        }
    }

    @Override
    public String toString() {
        return partition.partition() + "@" + offset;
    }
}
