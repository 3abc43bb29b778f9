package dev.gantry.testbed;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownMemberIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** A fresh topic on the shared broker, with what tests ask of it. */
public final class Topic implements AutoCloseable {
    private final String name;
    private final Admin admin;
    private final KafkaProducer<byte[], byte[]> producer;

    private Topic(String name, String bootstrapServers) {
        this.name = name;
        Map<String, Object> address =
                Map.of("bootstrap.servers", bootstrapServers, "enable.idempotence", "false");
        this.admin = Admin.create(address);
        this.producer =
                new KafkaProducer<>(address, new ByteArraySerializer(), new ByteArraySerializer());
    }

    public static Topic create(String stem, int partitions)
            throws ExecutionException, InterruptedException {
        return createOn(SharedBroker.bootstrapServers(), stem, partitions);
    }

    /** On a broker of the caller's own. */
    public static Topic createOn(String bootstrapServers, String stem, int partitions)
            throws ExecutionException, InterruptedException {
        Topic topic = new Topic(SharedBroker.unique(stem), bootstrapServers);
        make(
                topic.admin,
                List.of(new NewTopic(topic.name, Optional.of(partitions), Optional.empty())));
        return topic;
    }

    /**
     * Returns once the broker answers for the topics. That the controller has made them is not
     * enough: a client that asks before the broker has heard of them is told that there are none.
     */
    public static void make(Admin admin, List<NewTopic> topics)
            throws ExecutionException, InterruptedException {
        admin.createTopics(topics).all().get();
        List<String> names = topics.stream().map(NewTopic::name).toList();
        Awaitility.await("the broker knows " + names)
                .atMost(1, TimeUnit.MINUTES)
                .pollInterval(10, TimeUnit.MILLISECONDS)
                .until(() -> known(admin, names));
    }

    private static boolean known(Admin admin, List<String> names)
            throws ExecutionException, InterruptedException {
        try {
            return admin.describeTopics(names).allTopicNames().get().values().stream()
                    .flatMap(each -> each.partitions().stream())
                    .allMatch(each -> each.leader() != null && !each.leader().isEmpty());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return false;
            }
            throw e;
        }
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

    /**
     * To the first partition, in a transaction of its own, whose end takes an offset too. Returns
     * once readers of what is committed see it: the broker writes the end after it has agreed to
     * it.
     */
    public void sendInTransaction(List<byte[]> values) throws Exception {
        Map<String, Object> address =
                Map.of(
                        "bootstrap.servers",
                        SharedBroker.bootstrapServers(),
                        "transactional.id",
                        name);
        try (KafkaProducer<byte[], byte[]> sender =
                new KafkaProducer<>(
                        address, new ByteArraySerializer(), new ByteArraySerializer())) {
            sender.initTransactions();
            sender.beginTransaction();
            for (byte[] value : values) {
                var _ = sender.send(new ProducerRecord<>(name, 0, null, value));
            }
            sender.commitTransaction();
        }
        Await.until(
                "the transaction has its end",
                () -> end(IsolationLevel.READ_COMMITTED) == end(IsolationLevel.READ_UNCOMMITTED));
    }

    private long end(IsolationLevel seenBy) throws ExecutionException, InterruptedException {
        TopicPartition first = new TopicPartition(name, 0);
        return admin.listOffsets(Map.of(first, OffsetSpec.latest()), new ListOffsetsOptions(seenBy))
                .partitionResult(first)
                .get()
                .offset();
    }

    /**
     * Returns once the broker has no such topic. That the controller has none is not enough: the
     * broker may go on taking records for it, and giving them out.
     */
    public void delete() throws Exception {
        admin.deleteTopics(List.of(name)).all().get();
        Await.until(name + " is deleted", () -> !known(admin, List.of(name)));
    }

    /** Another topic of the same name, empty; the old one is deleted first. */
    public void makeAnew(int partitions) throws Exception {
        if (admin.listTopics().names().get().contains(name)) {
            delete();
        }
        make(admin, List.of(new NewTopic(name, Optional.of(partitions), Optional.empty())));
    }

    /** Deletes the records below an offset, as retention does. */
    public void deleteBefore(int partition, long offset)
            throws ExecutionException, InterruptedException {
        admin.deleteRecords(
                        Map.of(
                                new TopicPartition(name, partition),
                                RecordsToDelete.beforeOffset(offset)))
                .all()
                .get();
    }

    /** As an operator does, for a group without members. */
    public void commit(String group, Map<Integer, OffsetAndMetadata> offsets) throws Exception {
        Map<TopicPartition, OffsetAndMetadata> all = new HashMap<>();
        offsets.forEach(
                (partition, offset) -> all.put(new TopicPartition(name, partition), offset));
        Await.until(
                "the group takes its offsets",
                () -> {
                    try {
                        admin.alterConsumerGroupOffsets(group, all).all().get();
                        return true;
                    } catch (ExecutionException e) {
                        if (e.getCause() instanceof UnknownMemberIdException) {
                            return false; // the last member is about to leave
                        }
                        throw e;
                    }
                });
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

    /** The same of one partition; offset 0 without a commit. */
    public OffsetAndMetadata committed(String group, int partition)
            throws ExecutionException, InterruptedException {
        return committed(group)
                .getOrDefault(new TopicPartition(name, partition), new OffsetAndMetadata(0));
    }

    @Override
    public void close() {
        producer.close();
        admin.close();
    }
}
