package dev.gantry.intake.broker;

import org.apache.kafka.common.TopicPartition;

import java.util.Collection;
import java.util.Map;

/** Asks the broker about partitions; blocks, so never on the consumer thread. */
public interface Inquiry {
    /**
     * What came of it.
     *
     * @param facts of those that are known
     * @param trouble of the others, in a sentence each
     */
    record Answer(Map<TopicPartition, LogFacts> facts, Map<TopicPartition, String> trouble) {}

    Answer ask(Collection<TopicPartition> partitions) throws InterruptedException;
}
