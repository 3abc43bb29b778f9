package dev.gantry.intake.position;

import dev.gantry.inference.FailureCode;
import dev.gantry.inference.Rejection;
import dev.gantry.inference.SourceRecord;
import dev.gantry.request.ReplyAddress;
import dev.gantry.request.RequestDecoder;
import dev.gantry.reread.LogPiece;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;

import java.util.List;
import java.util.Optional;

/**
 * Stands for what cannot be read in a log: it passes through the ledger like any record, so that
 * nothing is committed beyond it before its dead letter is safe.
 */
public final class UnreadableRecord extends ConsumerRecord<byte[], byte[]> {
    private static final ReplyAddress NOBODY = new ReplyAddress(null, null);

    private final FailureCode code;
    private final String message;
    private final ReplyAddress sender;

    private UnreadableRecord(
            TopicPartition partition,
            long offset,
            long timestamp,
            FailureCode code,
            String message,
            ReplyAddress sender) {
        super(
                partition.topic(),
                partition.partition(),
                offset,
                timestamp,
                TimestampType.CREATE_TIME,
                NULL_SIZE,
                NULL_SIZE,
                null,
                null,
                new RecordHeaders(),
                Optional.empty());
        this.code = code;
        this.message = message;
        this.sender = sender;
    }

    public static UnreadableRecord of(TopicPartition partition, LogPiece.Damaged damaged) {
        String message =
                "offsets %d to %d cannot be read: %s"
                        .formatted(damaged.from(), damaged.next() - 1, damaged.reason());
        return new UnreadableRecord(
                partition,
                damaged.from(),
                NO_TIMESTAMP,
                FailureCode.INTERNAL_ERROR,
                message,
                NOBODY);
    }

    public static UnreadableRecord of(
            TopicPartition partition, LogPiece.TooLarge large, long largest) {
        String message =
                "value: the record inflates to %d bytes; at most %d are read"
                        .formatted(large.bytes(), largest);
        byte[] beginning = large.beginning();
        return new UnreadableRecord(
                partition,
                large.offset(),
                large.timestamp(),
                FailureCode.INVALID_REQUEST,
                message,
                beginning == null
                        ? NOBODY
                        : ReplyAddress.of(
                                new ConsumerRecord<>(
                                        partition.topic(),
                                        partition.partition(),
                                        large.offset(),
                                        null,
                                        beginning)));
    }

    public Rejection rejection() {
        return new Rejection(
                new SourceRecord(RequestDecoder.position(this), null, null, List.of()),
                code,
                message,
                sender.customId(),
                sender.batchId());
    }
}
