package dev.gantry.outbox;

import org.apache.kafka.common.TopicPartition;

import java.util.Map;

/**
 * The requests whose results are safe although the group's offsets do not say so: a worker finished
 * them while the broker was away, and died before it could commit; or a commit had no room for
 * them.
 */
public interface CompletedOffsets {
    /** For those who remember nothing beside the offsets. */
    CompletedOffsets NONE =
            new CompletedOffsets() {
                @Override
                public Map<TopicPartition, Map<Long, Long>> above(
                        Map<TopicPartition, Long> watermarks) {
                    return Map.of();
                }

                @Override
                public void remember(Map<TopicPartition, Map<Long, Long>> done) {}

                @Override
                public void passed(Map<TopicPartition, Long> watermarks) {}
            };

    /**
     * The timestamps of finished records by their offsets, from each partition's watermark on. May
     * block; called off the consumer thread.
     *
     * @throws RuntimeException if that is not known now
     */
    Map<TopicPartition, Map<Long, Long>> above(Map<TopicPartition, Long> watermarks);

    /**
     * Keeps the timestamps of finished records by their offsets. May block; called off the consumer
     * thread.
     *
     * @throws RuntimeException if they could not be kept
     */
    void remember(Map<TopicPartition, Map<Long, Long>> done);

    /** The broker has these offsets: what is below need not be remembered. Must not block. */
    void passed(Map<TopicPartition, Long> watermarks);
}
