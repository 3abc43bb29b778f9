package dev.gantry.testbed;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** A fresh topic on the shared broker, with what tests ask of it. */
public final class Topic implements AutoCloseable {
    private final String name;
    private final Admin admin;
    private final KafkaProducer<byte[], byte[]> producer;

    private Topic(String name) {
        this.name = name;
        Map<String, Object> address =
                Map.of(
                        "bootstrap.servers",
                        SharedBroker.bootstrapServers(),
                        "enable.idempotence",
                        "false");
        this.admin = Admin.create(address);
        this.producer =
                new KafkaProducer<>(address, new ByteArraySerializer(), new ByteArraySerializer());
    }

    public static Topic create(String stem, int partitions)
            throws ExecutionException, InterruptedException {
        Topic topic = new Topic(SharedBroker.unique(stem));
        topic.admin
                .createTopics(
                        List.of(
                                new NewTopic(
                                        topic.name, Optional.of(partitions), Optional.empty())))
                .all()
                .get();
        return topic;
    }

    public String name() {
        return name;
    }

    /** Sends the values, spread over the partitions in turn; returns where they stand. */
    public List<RecordMetadata> send(List<byte[]> values, int partitions)
            throws ExecutionException, InterruptedException {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (int each = 0; each < values.size(); each++) {
            sent.add(
                    producer.send(
                            new ProducerRecord<>(name, each % partitions, null, values.get(each))));
        }
        List<RecordMetadata> places = new ArrayList<>();
        for (Future<RecordMetadata> each : sent) {
            places.add(each.get());
        }
        return places;
    }

    /** What the group has committed; partitions without a commit are absent. */
    public Map<TopicPartition, OffsetAndMetadata> committed(String group)
            throws ExecutionException, InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> offsets =
                new HashMap<>(
                        admin.listConsumerGroupOffsets(group)
                                .partitionsToOffsetAndMetadata()
                                .get());
        offsets.values().removeIf(each -> each == null);
        return offsets;
    }

    @Override
    public void close() {
        producer.close();
        admin.close();
    }
}
