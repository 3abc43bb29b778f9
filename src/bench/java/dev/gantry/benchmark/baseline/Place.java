package dev.gantry.benchmark.baseline;

import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where a baseline works, and how much of it at once.
 *
 * @param group of its consumers
 * @param partitions the process's share of all; who listens on more threads than that, with another
 *     process beside it, may leave that one none
 * @param inFlight calls at once
 * @param timeout of a call
 * @param lanes in the order of trying
 */
public record Place(
        String bootstrapServers,
        String group,
        String requests,
        String results,
        String metering,
        int partitions,
        int inFlight,
        Duration timeout,
        List<Lane> lanes) {
    /** Said on standard output when requests are taken; a worker of Gantry logs the same. */
    public static final String READY = "partitions assigned";

    /**
     * Someone who answers.
     *
     * @param models those it has
     */
    public record Lane(URI url, String key, List<String> models) {}

    /** The arguments of a process that works here. */
    public List<String> arguments() {
        List<String> lanesAsText =
                lanes.stream()
                        .map(
                                each ->
                                        String.join(
                                                " ",
                                                each.url().toString(),
                                                each.key(),
                                                String.join(",", each.models())))
                        .toList();
        return List.of(
                bootstrapServers,
                group,
                requests,
                results,
                metering,
                Integer.toString(partitions),
                Integer.toString(inFlight),
                timeout.toString(),
                String.join("|", lanesAsText));
    }

    static Place of(String[] arguments) {
        return new Place(
                arguments[0],
                arguments[1],
                arguments[2],
                arguments[3],
                arguments[4],
                Integer.parseInt(arguments[5]),
                Integer.parseInt(arguments[6]),
                Duration.parse(arguments[7]),
                Arrays.stream(arguments[8].split("\\|", -1)).map(Place::lane).toList());
    }

    private static Lane lane(String text) {
        String[] parts = text.split(" ", -1);
        return new Lane(URI.create(parts[0]), parts[1], List.of(parts[2].split(",", -1)));
    }

    /** A consumer's, which commits when it is told to. */
    Map<String, Object> consumerSettings() {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", bootstrapServers);
        settings.put("group.id", group);
        settings.put("auto.offset.reset", "earliest");
        settings.put("enable.auto.commit", "false");
        settings.put("partition.assignment.strategy", COOPERATIVE);
        // As soon as the broker of the kill scenario misses a worker.
        settings.put("session.timeout.ms", "8000");
        settings.put("heartbeat.interval.ms", "1000");
        settings.put("key.deserializer", ByteArrayDeserializer.class.getName());
        settings.put("value.deserializer", ByteArrayDeserializer.class.getName());
        return settings;
    }

    private static final String COOPERATIVE =
            "org.apache.kafka.clients.consumer.CooperativeStickyAssignor";

    KafkaConsumer<byte[], byte[]> consumer() {
        return new KafkaConsumer<>(consumerSettings());
    }

    /** As durable and as compressed as Gantry's. */
    KafkaProducer<byte[], byte[]> producer() {
        return new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrapServers,
                        "acks",
                        "all",
                        "compression.type",
                        "zstd",
                        "max.request.size",
                        4 << 20),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    /** Says that it takes requests. */
    static final class Announcing implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            if (!partitions.isEmpty()) {
                System.out.println(READY);
            }
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {}
    }
}
