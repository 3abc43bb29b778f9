package dev.gantry.cli.batch;

import dev.gantry.cli.CommandLine.Grammar;
import dev.gantry.cli.UsageException;
import dev.gantry.cli.Visible;
import dev.gantry.inference.EditDistance;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The broker as submit and collect need it.
 *
 * @param producer properties of the Kafka client, likewise consumer and admin: addresses, security
 * @param requests topic that requests go to
 * @param requestTopics all that they could go to
 * @param results topic that results come from
 * @param metering topic that tells what calls cost; it and the next need not be readable
 * @param routing topic that tells what requests wait for
 * @param workerGroup consumer group of the workers: asked who is there when nothing moves
 */
public record BrokerAccess(
        Map<String, Object> producer,
        Map<String, Object> consumer,
        Map<String, Object> admin,
        String requests,
        List<String> requestTopics,
        String results,
        String metering,
        String routing,
        String workerGroup) {
    // Calls return within it, so that a command keeps saying why it waits.
    private static final int PATIENCE_MS = 5_000;
    private static final long CLIENT_SESSION_MS = 45_000;

    public BrokerAccess {
        producer = Map.copyOf(producer);
        consumer = Map.copyOf(consumer);
        admin = Map.copyOf(admin);
        requestTopics = List.copyOf(requestTopics);
    }

    /**
     * The same for requests that go to another topic.
     *
     * @param topic null: the usual one
     * @throws UsageException if it is none of those that requests are taken from
     */
    BrokerAccess at(@Nullable String topic, Grammar grammar) {
        if (topic == null) {
            return this;
        }
        if (!requestTopics.contains(topic)) {
            throw grammar.refuse(
                    "--topic %s: allowed is %s%s"
                            .formatted(
                                    Visible.quoted(topic),
                                    String.join(", ", requestTopics),
                                    EditDistance.hint(topic, requestTopics)));
        }
        return new BrokerAccess(
                producer,
                consumer,
                admin,
                topic,
                requestTopics,
                results,
                metering,
                routing,
                workerGroup);
    }

    /** Waits for an absent broker as long as it takes: what it accepted is sent exactly once. */
    Producer<byte[], byte[]> openProducer() {
        Map<String, Object> settings = new HashMap<>(producer);
        settings.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        settings.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        settings.put(ProducerConfig.ACKS_CONFIG, "all");
        settings.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        settings.put(ProducerConfig.RETRIES_CONFIG, Integer.MAX_VALUE);
        settings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 5);
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, Integer.MAX_VALUE);
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, Long.MAX_VALUE);
        settings.remove(ProducerConfig.TRANSACTIONAL_ID_CONFIG);
        settings.putIfAbsent(ProducerConfig.COMPRESSION_TYPE_CONFIG, "zstd");
        settings.putIfAbsent(ProducerConfig.LINGER_MS_CONFIG, 20);
        settings.putIfAbsent(ProducerConfig.BATCH_SIZE_CONFIG, 128 * 1024);
        return new KafkaProducer<>(settings);
    }

    /** In no group: it commits nothing and no other command takes its partitions away. */
    Consumer<byte[], byte[]> openConsumer() {
        Map<String, Object> settings = new HashMap<>(consumer);
        settings.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        settings.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        settings.remove(ConsumerConfig.GROUP_ID_CONFIG);
        settings.remove(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG);
        settings.remove(ConsumerConfig.GROUP_PROTOCOL_CONFIG);
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        // A start that retention has overtaken goes on with the oldest record there is.
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 2 * PATIENCE_MS);
        settings.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, PATIENCE_MS);
        settings.putIfAbsent(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 2_000);
        return new KafkaConsumer<>(settings);
    }

    Admin openAdmin() {
        Map<String, Object> settings = new HashMap<>(admin);
        settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, PATIENCE_MS);
        settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, PATIENCE_MS);
        return Admin.create(settings);
    }

    /** Where workers tell what they do. */
    List<String> told() {
        return List.of(metering, routing);
    }

    /** How long a worker's death stays unnoticed where the workers themselves decide. */
    Duration sessionTimeout() {
        Object millis =
                consumer.getOrDefault(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, CLIENT_SESSION_MS);
        return Duration.ofMillis(Long.parseLong(millis.toString().strip()));
    }

    /** Where the broker is looked for. */
    String address() {
        Object servers = admin.get(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG);
        return servers instanceof Collection<?> several
                ? several.stream().map(String::valueOf).collect(Collectors.joining(","))
                : String.valueOf(servers);
    }

    /** Names topics only: client properties hold passwords. */
    @Override
    public String toString() {
        return "BrokerAccess[requests=%s, results=%s]".formatted(requests, results);
    }
}
