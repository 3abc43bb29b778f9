package dev.gantry.intake;

import org.apache.kafka.common.TopicPartition;

/** A record that the broker no longer has: deleted, compacted, or its topic is gone. */
final class RecordGone extends Exception {
    private static final long serialVersionUID = 1;

    RecordGone(TopicPartition partition, long offset) {
        super("%s@%d is no longer on the broker".formatted(partition, offset));
    }
}
