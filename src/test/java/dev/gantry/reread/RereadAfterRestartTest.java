package dev.gantry.reread;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.testbed.Ports;

import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.test.KafkaClusterTestKit;
import org.junit.jupiter.api.Test;
import org.springframework.kafka.test.EmbeddedKafkaKraftBroker;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Reads single records of a broker that goes away and comes back. */
class RereadAfterRestartTest {
    private static final TopicPartition PARTITION = new TopicPartition("requests", 0);

    @Test
    void answersWishesMadeWhileTheBrokerIsAway() throws Exception {
        EmbeddedKafkaKraftBroker broker = new EmbeddedKafkaKraftBroker(1, 1, PARTITION.topic());
        broker.kafkaPorts(Ports.free());
        broker.brokerListProperty("test.restarted-brokers");
        broker.afterPropertiesSet();
        KafkaClusterTestKit cluster = Objects.requireNonNull(broker.getCluster());
        try (RecordReader reader =
                        new RecordReader(
                                () -> consumer(broker), new FetchGuard.Bounds(1 << 20, 8 << 20));
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            send(broker, List.of("first", "second", "third"));
            String before = read(reader, 0);
            cluster.brokers().values().forEach(each -> each.shutdown());
            Future<String> during = callers.submit(() -> read(reader, 1));

            cluster.brokers().values().forEach(each -> each.startup());

            assertThat(before).isEqualTo("first");
            assertThat(during.get()).isEqualTo("second");
            assertThat(read(reader, 2)).isEqualTo("third");
        } finally {
            broker.destroy();
        }
    }

    private static String read(RecordReader reader, long offset)
            throws InterruptedException, RecordGone {
        return new String(reader.read(PARTITION, offset).value(), StandardCharsets.UTF_8);
    }

    private static void send(EmbeddedKafkaKraftBroker broker, List<String> values)
            throws Exception {
        try (var producer =
                new KafkaProducer<>(
                        address(broker), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (String value : values) {
                producer.send(
                                new ProducerRecord<>(
                                        PARTITION.topic(), value.getBytes(StandardCharsets.UTF_8)))
                        .get();
            }
        }
    }

    private static KafkaConsumer<byte[], byte[]> consumer(EmbeddedKafkaKraftBroker broker) {
        return new KafkaConsumer<>(
                RefetchPass.properties(address(broker)),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    private static Map<String, Object> address(EmbeddedKafkaKraftBroker broker) {
        return new HashMap<>(Map.of("bootstrap.servers", broker.getBrokersAsString()));
    }
}
