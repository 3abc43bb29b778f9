package dev.gantry.outbox;

import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.NetworkException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.errors.UnsupportedVersionException;

/** What a failed send means for the record, the topic and the producer. */
enum SendFailure {
    /** This record never fits; a smaller one may. */
    TOO_LARGE,
    /** The broker's own rules reject this very record. */
    REJECTED,
    /** This producer is in an error state that it does not leave; a new one may work. */
    PRODUCER_BROKEN,
    /** Nobody answered in time: what became of the record is unknown. */
    SILENCE,
    /** All the rest, answers of the broker such as a missing permission, may pass: try again. */
    UNAVAILABLE;

    /** Whether the broker will never take the record as it is. */
    boolean forGood() {
        return this == TOO_LARGE || this == REJECTED;
    }

    static SendFailure of(Exception cause) {
        return switch (cause) {
            case RecordTooLargeException _, RecordBatchTooLargeException _ -> TOO_LARGE;
            case InvalidRecordException _ -> REJECTED;
            case ProducerFencedException _,
                    InvalidProducerEpochException _,
                    OutOfOrderSequenceException _,
                    ClusterAuthorizationException _,
                    TransactionalIdAuthorizationException _,
                    UnsupportedVersionException _ ->
                    PRODUCER_BROKEN;
            // Where the broker has said what is wrong with the topic, that is the cause.
            case TimeoutException e when !(e.getCause() instanceof ApiException) -> SILENCE;
            case NetworkException _, DisconnectException _ -> SILENCE;
            case ApiException _ -> UNAVAILABLE;
            // A bare KafkaException is how the client reports its fatal state or its closing.
            default -> PRODUCER_BROKEN;
        };
    }
}
