package dev.gantry.config;

import dev.gantry.intake.IntakeSettings;

import org.apache.kafka.clients.CommonClientConfigs;
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

import java.util.HashMap;
import java.util.Map;

/** Kafka's settings as Gantry needs them, wherever {@code spring.kafka.*} says nothing else. */
public final class KafkaDefaults {
    /** Room for headers, keys and the members that Gantry adds. */
    private static final long MARGIN = 1 << 20;

    private static final String READ_COMMITTED = "read_committed";
    private static final long SHIPPED_BUFFER_MEMORY = 32L << 20;

    private final KafkaProperties kafka;
    private final KafkaConnectionDetails connection;
    private final Environment environment;
    private final IntakeSettings intake;

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
        Object size = producerProperties().get(ProducerConfig.MAX_REQUEST_SIZE_CONFIG);
        return Integer.parseInt(String.valueOf(size).strip());
    }

    /** Byte arrays in, nothing committed by the client itself; names no group. */
    public Map<String, Object> consumerProperties() {
        Map<String, Object> properties = new HashMap<>(kafka.buildConsumerProperties());
        connect(properties, connection.getConsumer());
        properties.putIfAbsent(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolation(properties));
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        // Topics are created with their settings, or not at all.
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        properties.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        properties.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        return properties;
    }

    /** Byte arrays out, acknowledged by all, each once. */
    public Map<String, Object> producerProperties() {
        Map<String, Object> properties = new HashMap<>(kafka.buildProducerProperties());
        connect(properties, connection.getProducer());
        properties.putIfAbsent(ProducerConfig.ACKS_CONFIG, "all");
        if (acknowledgedByAll(properties)) {
            properties.putIfAbsent(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        }
        properties.putIfAbsent(ProducerConfig.COMPRESSION_TYPE_CONFIG, "zstd");
        properties.putIfAbsent(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, maxRecordBytes());
        // The client refuses a record that exceeds its whole buffer, whatever max.request.size
        // says.
        properties.putIfAbsent(
                ProducerConfig.BUFFER_MEMORY_CONFIG,
                Math.max(bufferMemory(), 2L * maxRecordBytes()));
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

    public Map<String, Object> adminProperties() {
        Map<String, Object> properties = new HashMap<>(kafka.buildAdminProperties());
        connect(properties, connection.getAdmin());
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

    /** Kafka refuses explicit idempotence with fewer acknowledgements; the user's word counts. */
    private static boolean acknowledgedByAll(Map<String, Object> properties) {
        Object acks = properties.get(ProducerConfig.ACKS_CONFIG);
        return "all".equals(acks) || "-1".equals(acks);
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
