package dev.gantry.testbed;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Reads a whole topic from its beginning, as a consumer downstream would, and holds every record to
 * its promises.
 */
public final class TopicReader implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Duration POLL = Duration.ofMillis(100);

    private final String topic;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<ConsumerRecord<byte[], byte[]>> seen = new ArrayList<>();

    TopicReader(String topic, String bootstrapServers) {
        this.topic = topic;
        this.consumer =
                new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers",
                                bootstrapServers,
                                "auto.offset.reset",
                                "earliest",
                                "isolation.level",
                                "read_committed"),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer());
    }

    /**
     * Reads on until {@code enough} holds of all that was seen; fails after a minute and a half.
     */
    public List<ConsumerRecord<byte[], byte[]>> until(
            String what, Predicate<List<ConsumerRecord<byte[], byte[]>>> enough) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        assign(deadline);
        while (!enough.test(seen)) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError(
                        "not within %d s on %s: %s; saw %d records"
                                .formatted(LIMIT.toSeconds(), topic, what, seen.size()));
            }
            consumer.poll(POLL).forEach(this::see);
        }
        return List.copyOf(seen);
    }

    /** All that is there now. */
    public List<ConsumerRecord<byte[], byte[]>> all() {
        assign(System.nanoTime() + LIMIT.toNanos());
        Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
        while (ends.entrySet().stream()
                .anyMatch(each -> consumer.position(each.getKey()) < each.getValue())) {
            consumer.poll(POLL).forEach(this::see);
        }
        return List.copyOf(seen);
    }

    private void see(ConsumerRecord<byte[], byte[]> record) {
        RecordPromises.check(record);
        seen.add(record);
    }

    private void assign(long deadline) {
        while (consumer.assignment().isEmpty()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("topic " + topic + " does not appear");
            }
            consumer.assign(
                    consumer.partitionsFor(topic).stream()
                            .map(each -> new TopicPartition(topic, each.partition()))
                            .toList());
            consumer.seekToBeginning(consumer.assignment());
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}
