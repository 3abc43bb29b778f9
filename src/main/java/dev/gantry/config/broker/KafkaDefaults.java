package dev.gantry.config.broker;

import dev.gantry.config.WrongSettingsException;
import dev.gantry.intake.IntakeSettings;
import dev.gantry.outbox.Publisher;

import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.kafka.autoconfigure.KafkaConnectionDetails;
import org.springframework.boot.kafka.autoconfigure.KafkaProperties;
import org.springframework.boot.kafka.autoconfigure.SslBundleSslEngineFactory;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Kafka's settings as Gantry needs them, wherever {@code spring.kafka.*} says nothing else. */
public final class KafkaDefaults {
    /** Room for headers, keys and the members that Gantry adds. */
    private static final long MARGIN = 1 << 20;

    private static final String ZSTD = "zstd";
    private static final String READ_COMMITTED = "read_committed";
    private static final long SHIPPED_BUFFER_MEMORY = 32L << 20;
    private static final long SHIPPED_REQUEST_TIMEOUT = 30_000;

    private final KafkaProperties kafka;
    private final KafkaConnectionDetails connection;
    private final Environment environment;
    private final IntakeSettings intake;
    private final Set<String> notices = ConcurrentHashMap.newKeySet();

    public KafkaDefaults(
            KafkaProperties kafka,
            KafkaConnectionDetails connection,
            Environment environment,
            IntakeSettings intake) {
        this.kafka = kafka;
        this.connection = connection;
        this.environment = environment;
        this.intake = intake;
    }

    /** Where the brokers are looked for. */
    public String servers() {
        return String.join(",", connection.getAdmin().getBootstrapServers());
    }

    /** The largest record that Gantry writes; topics that it creates must take it. */
    public int maxRecordBytes() {
        return Math.toIntExact(
                intake.maxRequestSize().toBytes() + intake.maxResponseSize().toBytes() + MARGIN);
    }

    /** The largest record that the producer lets through, whoever has set that. */
    public int maxRequestSize() {
        Map<String, Object> properties = producerProperties();
        return (int)
                Math.min(
                        bytes(properties, ProducerConfig.MAX_REQUEST_SIZE_CONFIG),
                        bytes(properties, ProducerConfig.BUFFER_MEMORY_CONFIG));
    }

    private static long bytes(Map<String, Object> properties, String key) {
        return Long.parseLong(String.valueOf(properties.get(key)).strip());
    }

    /**
     * Byte arrays in, nothing committed by the client itself; names no group.
     *
     * @throws WrongSettingsException if the user's settings contradict each other
     */
    public Map<String, Object> consumerProperties() {
        KafkaKeys keys = KafkaKeys.ofConsumer(kafka);
        Map<String, Object> properties = new HashMap<>(kafka.buildConsumerProperties());
        connect(properties, connection.getConsumer());
        ConsumerKeys.complete(keys, properties, intake.group());
        properties.putIfAbsent(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolation(properties));
        // Topics are created with their settings, or not at all.
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        properties.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        properties.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        keys.check(() -> new ConsumerConfig(eitherWay(properties)));
        notices.addAll(keys.notices());
        return properties;
    }

    /** Without what one of the two group protocols alone knows: which one it is comes later. */
    private static Map<String, Object> eitherWay(Map<String, Object> properties) {
        Map<String, Object> either = new HashMap<>(properties);
        either.remove(ConsumerConfig.GROUP_REMOTE_ASSIGNOR_CONFIG);
        return either;
    }

    /**
     * Byte arrays out; acknowledged by all, each once, unless the user wants less.
     *
     * @throws WrongSettingsException if the user's settings contradict each other or a promise
     */
    public Map<String, Object> producerProperties() {
        KafkaKeys keys = KafkaKeys.ofProducer(kafka);
        Map<String, Object> properties = produce(keys);
        check(keys, properties);
        return properties;
    }

    /**
     * The same with the times of a worker, which has another place for what the broker does not
     * take.
     *
     * @throws WrongSettingsException as {@link #producerProperties}
     */
    public Map<String, Object> publisherProperties() {
        KafkaKeys keys = KafkaKeys.ofProducer(kafka);
        Map<String, Object> properties = produce(keys);
        Map<String, Object> worker = Publisher.producerDefaults(maxRecordBytes());
        new ProducerKeys(keys, properties)
                .times(
                        number(keys, worker, ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG),
                        number(keys, worker, ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG));
        worker.forEach(properties::putIfAbsent);
        check(keys, properties);
        return properties;
    }

    private static long number(KafkaKeys keys, Map<String, Object> properties, String key) {
        return Objects.requireNonNull(keys.number(properties, key), key);
    }

    private Map<String, Object> produce(KafkaKeys keys) {
        Map<String, Object> properties = new HashMap<>(kafka.buildProducerProperties());
        connect(properties, connection.getProducer());
        ProducerKeys producer = new ProducerKeys(keys, properties);
        producer.reliable();
        producer.sizes(maxRecordBytes(), bufferMemory());
        properties.putIfAbsent(ProducerConfig.COMPRESSION_TYPE_CONFIG, ZSTD);
        if (ZSTD.equals(properties.get(ProducerConfig.COMPRESSION_TYPE_CONFIG))) {
            // A batch under low latency holds a few records; the client's level 3 clears 768 KiB of
            // tables for each, which took a fifth of a worker's CPU.
            properties.putIfAbsent(ProducerConfig.COMPRESSION_ZSTD_LEVEL_CONFIG, 1);
        }
        properties.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        properties.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        return properties;
    }

    /**
     * What waits for the broker counts twice in max-in-flight-size, here and as the record itself:
     * so much is never full before that is.
     */
    private long bufferMemory() {
        return Math.max(SHIPPED_BUFFER_MEMORY, intake.maxInFlightBytes() / 2);
    }

    private void check(KafkaKeys keys, Map<String, Object> properties) {
        keys.check(() -> new ProducerConfig(properties));
        notices.addAll(keys.notices());
    }

    /** How long a record may be on its way before it counts as not taken. */
    public Duration deliveryTimeout() {
        Object millis = publisherProperties().get(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG);
        return Duration.ofMillis(Long.parseLong(String.valueOf(millis).strip()));
    }

    /** What is left out of the user's settings or weakens a promise; one sentence each. */
    public List<String> notices() {
        publisherProperties();
        consumerProperties();
        adminProperties();
        return List.copyOf(notices);
    }

    public Map<String, Object> adminProperties() {
        KafkaKeys keys = KafkaKeys.ofAdmin(kafka);
        Map<String, Object> properties = new HashMap<>(kafka.buildAdminProperties());
        connect(properties, connection.getAdmin());
        Long all = keys.number(properties, AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG);
        Long one = keys.number(properties, AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG);
        if (all != null && one != null && all < one) {
            keys.mistake(
                    AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                    all,
                    "at least request.timeout.ms (%d)".formatted(one));
        } else if (all != null && one == null && all < SHIPPED_REQUEST_TIMEOUT) {
            properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) Math.max(0, all));
        }
        keys.check(() -> new AdminClientConfig(properties));
        notices.addAll(keys.notices());
        return properties;
    }

    /** As Spring Boot's own factories do it. */
    private static void connect(
            Map<String, Object> properties, KafkaConnectionDetails.Configuration configuration) {
        properties.put(
                CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, configuration.getBootstrapServers());
        String protocol = configuration.getSecurityProtocol();
        if (StringUtils.hasLength(protocol)) {
            properties.put(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, protocol);
        }
        SslBundle bundle = configuration.getSslBundle();
        if (bundle != null) {
            properties.put(
                    SslConfigs.SSL_ENGINE_FACTORY_CLASS_CONFIG, SslBundleSslEngineFactory.class);
            properties.put(SslBundle.class.getName(), bundle);
        }
    }

    /** Spring Boot fills in read_uncommitted as if the user had said so. */
    private Object isolation(Map<String, Object> properties) {
        String key = ConsumerConfig.ISOLATION_LEVEL_CONFIG;
        boolean said =
                kafka.getConsumer().getProperties().containsKey(key)
                        || Binder.get(environment)
                                .bind("spring.kafka.consumer.isolation-level", String.class)
                                .isBound();
        return said
                ? properties.getOrDefault(key, READ_COMMITTED)
                : kafka.getProperties().getOrDefault(key, READ_COMMITTED);
    }
}
