package dev.gantry.cli.batch;

import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Every record of some topics from a point on, in no group; one thread at a time. */
final class BatchFeed implements AutoCloseable {
    // Partitions that are added to a topic later hold results, too.
    private static final Duration PARTITION_CHECK = Duration.ofSeconds(30);
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(2);
    private static final Duration POLL = Duration.ofMillis(200);

    private final Consumer<byte[], byte[]> consumer;
    private final List<String> topics;
    private final InstantSource clock;
    private final Set<TopicPartition> assigned = new HashSet<>();
    private final Set<String> held = new HashSet<>();
    private Map<TopicPartition, Long> ends = Map.of();
    private Instant nextCheck;

    private BatchFeed(Consumer<byte[], byte[]> consumer, List<String> topics, InstantSource clock) {
        this.consumer = consumer;
        this.topics = topics;
        this.clock = clock;
        this.nextCheck = clock.instant().plus(PARTITION_CHECK);
    }

    /** From now on: what is written after this returns is read. */
    static BatchFeed fromEnd(
            Consumer<byte[], byte[]> consumer, List<String> topics, InstantSource clock) {
        var feed = new BatchFeed(consumer, topics, clock);
        Set<TopicPartition> partitions = feed.newPartitions();
        feed.assign(partitions);
        consumer.endOffsets(partitions).forEach(consumer::seek);
        return feed;
    }

    /** From an instant on; all there is where none is given. */
    static BatchFeed since(
            Optional<Instant> start,
            Consumer<byte[], byte[]> consumer,
            List<String> topics,
            InstantSource clock) {
        var feed = new BatchFeed(consumer, topics, clock);
        Set<TopicPartition> partitions = feed.newPartitions();
        feed.assign(partitions);
        consumer.seekToBeginning(partitions);
        start.ifPresent(instant -> feed.seek(partitions, instant));
        feed.ends = consumer.endOffsets(partitions);
        return feed;
    }

    /** Whether the topic had any partition when last looked for. */
    boolean reads(String topic) {
        return !partitions(topic).isEmpty();
    }

    /** Reads nothing of a topic until it is released. */
    void hold(String topic) {
        held.add(topic);
        consumer.pause(partitions(topic));
    }

    void release(String topic) {
        held.remove(topic);
        consumer.resume(partitions(topic));
    }

    private Set<TopicPartition> partitions(String topic) {
        return assigned.stream()
                .filter(partition -> partition.topic().equals(topic))
                .collect(Collectors.toSet());
    }

    /** Waits a moment for records; a broker that is away gives none. */
    Iterable<ConsumerRecord<byte[], byte[]>> poll() {
        if (!clock.instant().isBefore(nextCheck)) {
            nextCheck = clock.instant().plus(PARTITION_CHECK);
            lookForPartitions();
        }
        return consumer.poll(POLL);
    }

    /** Whether all that the topics held when last asked has been read. */
    boolean caughtUp() {
        return topics.stream().allMatch(this::caughtUp);
    }

    /** As {@link #caughtUp()}, for one of them. */
    boolean caughtUp(String topic) {
        try {
            for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
                if (end.getKey().topic().equals(topic)
                        && consumer.position(end.getKey()) < end.getValue()) {
                    return false;
                }
            }
            return true;
        } catch (RetriableException e) {
            return false; // the broker is away; ask again
        }
    }

    /** Whether they hold nothing beyond that now, either. */
    boolean stillCaughtUp() {
        try {
            ends = consumer.endOffsets(assigned);
            return caughtUp();
        } catch (RetriableException e) {
            return false;
        }
    }

    private void seek(Collection<TopicPartition> partitions, Instant start) {
        // Asked first: what is written between the two questions lies above it.
        Map<TopicPartition, Long> endsBefore = consumer.endOffsets(partitions);
        Map<TopicPartition, Long> times = new HashMap<>();
        partitions.forEach(partition -> times.put(partition, start.toEpochMilli()));
        consumer.offsetsForTimes(times)
                .forEach(
                        (partition, found) ->
                                consumer.seek(
                                        partition,
                                        found == null
                                                ? endsBefore.getOrDefault(partition, 0L)
                                                : found.offset()));
    }

    private void lookForPartitions() {
        try {
            Set<TopicPartition> fresh = newPartitions();
            if (!fresh.isEmpty()) {
                assign(fresh);
                consumer.seekToBeginning(fresh);
                held.forEach(topic -> consumer.pause(partitions(topic)));
            }
        } catch (RetriableException e) {
            // The broker is away; the watch says so and the next look comes.
        }
    }

    private void assign(Set<TopicPartition> more) {
        assigned.addAll(more);
        consumer.assign(assigned);
    }

    private Set<TopicPartition> newPartitions() {
        Set<TopicPartition> partitions = new HashSet<>();
        for (String topic : topics) {
            consumer.partitionsFor(topic)
                    .forEach(each -> partitions.add(new TopicPartition(topic, each.partition())));
        }
        partitions.removeAll(assigned);
        return partitions;
    }

    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(CLOSE_PATIENCE));
    }
}
