package dev.gantry.delivery;

import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
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
    /** All the rest, outages and missing permissions alike, may pass: try again. */
    UNAVAILABLE;

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
            case ApiException _ -> UNAVAILABLE;
            // A bare KafkaException is how the client reports its fatal state or its closing.
            default -> PRODUCER_BROKEN;
        };
    }
}
