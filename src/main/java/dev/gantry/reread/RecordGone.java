package dev.gantry.reread;

import dev.gantry.inference.SourcePosition;

import org.apache.kafka.common.TopicPartition;

/** A record that the broker no longer has: deleted, compacted, or its topic is gone. */
public final class RecordGone extends Exception {
    private static final long serialVersionUID = 1;

    RecordGone(TopicPartition partition, long offset) {
        this("%s@%d is no longer on the broker".formatted(partition, offset));
    }

    private RecordGone(String message) {
        super(message);
    }

    /** Another record stands there now: the topic was deleted and made anew. */
    public static RecordGone replaced(SourcePosition source) {
        return new RecordGone(source + " is another record now");
    }
}
