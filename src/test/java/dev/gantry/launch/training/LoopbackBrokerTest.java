package dev.gantry.launch.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.gantry.testbed.Topic;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Kafka's own clients, which must not notice that this is no broker. */
@Timeout(60)
class LoopbackBrokerTest {
    private static final String TOPIC = "t";

    private LoopbackBroker broker;
    private Admin admin;

    @BeforeEach
    void open() throws Exception {
        broker = new LoopbackBroker();
        admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
        NewTopic topic =
                new NewTopic(TOPIC, Optional.of(2), Optional.empty())
                        .configs(Map.of("max.message.bytes", "1234"));
        Topic.make(admin, List.of(topic));
    }

    @AfterEach
    void close() throws IOException {
        admin.close(Duration.ZERO);
        broker.close();
    }

    @Test
    void aMemberOfTheGroupReadsAllThatIsAppendedAndItsOffsetsStay() throws Exception {
        TopicPartition first = new TopicPartition(TOPIC, 0);
        List<String> read = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
            consumer.subscribe(List.of(TOPIC));

            broker.append(TOPIC, values(0, 10));
            read(consumer, read, 10);
            broker.append(TOPIC, values(10, 20)); // while it is waited for
            read(consumer, read, 20);
            consumer.commitSync(Map.of(first, new OffsetAndMetadata(10, "noted")));
        }

        assertThat(read).containsExactlyInAnyOrderElementsOf(names(0, 20));
        assertThat(admin.listConsumerGroupOffsets("g").partitionsToOffsetAndMetadata().get())
                .containsEntry(first, new OffsetAndMetadata(10, Optional.empty(), "noted"));
    }

    @Test
    void whatIsProducedIsAcknowledgedAndCounted() throws Exception {
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        Map.of(
                                "bootstrap.servers",
                                broker.bootstrapServers(),
                                "compression.type",
                                "zstd"),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            for (byte[] value : values(0, 5)) {
                var _ = producer.send(new ProducerRecord<>(TOPIC, 1, null, value));
            }
            long offset = producer.send(new ProducerRecord<>(TOPIC, 1, null, null)).get().offset();

            assertThat(offset).isEqualTo(5);
            assertThat(broker.awaitSize(TOPIC, 6, Duration.ofSeconds(10))).isTrue();
            assertThat(broker.awaitSize(TOPIC, 7, Duration.ZERO)).isFalse();
        }
    }

    @Test
    void anAdminIsToldOfTheClusterAndOfItsTopics() throws Exception {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, TOPIC);

        assertThat(admin.describeCluster().nodes().get()).hasSize(1);
        assertThat(admin.describeFeatures().featureMetadata().get().finalizedFeatures())
                .containsKey("group.version");
        assertThat(admin.listTopics().names().get()).containsExactly(TOPIC);
        assertThat(admin.describeConfigs(List.of(topic)).all().get())
                .hasEntrySatisfying(
                        topic,
                        config ->
                                assertThat(config.entries())
                                        .extracting(ConfigEntry::name, ConfigEntry::value)
                                        .containsExactly(tuple("max.message.bytes", "1234")));
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        return new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers", broker.bootstrapServers(),
                        "group.id", "g",
                        "group.protocol", "consumer",
                        "auto.offset.reset", "earliest",
                        "enable.auto.commit", "false"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    private static void read(
            KafkaConsumer<byte[], byte[]> consumer, List<String> into, int untilSize) {
        while (into.size() < untilSize) {
            for (ConsumerRecord<byte[], byte[]> each : consumer.poll(Duration.ofSeconds(1))) {
                into.add(new String(each.value(), StandardCharsets.UTF_8));
            }
        }
    }

    private static List<byte[]> values(int from, int to) {
        return names(from, to).stream().map(each -> each.getBytes(StandardCharsets.UTF_8)).toList();
    }

    private static List<String> names(int from, int to) {
        return IntStream.range(from, to).mapToObj(each -> "v" + each).toList();
    }
}
