package dev.gantry.delivery;

/**
 * The topics, and how missing ones are made.
 *
 * @param create whether missing topics are created
 * @param partitions of created topics; caps the number of workers
 * @param replicas of created topics; -1: the broker's default
 */
public record TopicSettings(
        String requests,
        String results,
        String chunks,
        String metering,
        String audit,
        String routing,
        String deadLetters,
        boolean create,
        int partitions,
        int replicas) {}
