package dev.gantry.benchmark;

import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Counts records as they appear on a topic; the measuring side of every figure, kept as light as
 * can be.
 */
final class Stopwatch implements AutoCloseable {
    private final KafkaConsumer<byte[], byte[]> consumer;
    private long seen;

    /** Counts from the topic's present end. */
    Stopwatch(String bootstrapServers, String topic) {
        consumer =
                new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers",
                                bootstrapServers,
                                "fetch.min.bytes",
                                "100000",
                                "fetch.max.wait.ms",
                                "100",
                                "max.poll.records",
                                "10000"),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer());
        List<TopicPartition> partitions =
                consumer.partitionsFor(topic).stream()
                        .map(each -> new TopicPartition(topic, each.partition()))
                        .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
    }

    /**
     * Records per second between the {@code from}-th and the {@code to}-th record counted by this
     * stopwatch.
     */
    double rate(long from, long to) {
        awaitCount(from);
        long begun = seen;
        long start = System.nanoTime();
        awaitCount(to);
        return (seen - begun) * 1e9 / (System.nanoTime() - start);
    }

    void awaitCount(long count) {
        long deadline = System.nanoTime() + Duration.ofMinutes(5).toNanos();
        while (seen < count) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("only " + seen + " of " + count + " records");
            }
            seen += consumer.poll(Duration.ofMillis(200)).count();
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}
