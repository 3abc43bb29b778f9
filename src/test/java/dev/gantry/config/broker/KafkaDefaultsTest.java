package dev.gantry.config.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.config.Environments;
import dev.gantry.config.SettingsBinder;
import dev.gantry.config.WrongSettingsException;
import dev.gantry.outbox.ChunkPublisher;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.kafka.autoconfigure.KafkaAutoConfiguration;
import org.springframework.boot.kafka.autoconfigure.KafkaConnectionDetails;
import org.springframework.boot.kafka.autoconfigure.KafkaProperties;
import org.springframework.boot.kafka.autoconfigure.SslBundleSslEngineFactory;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

@Isolated
class KafkaDefaultsTest {
    private final ApplicationContextRunner runner =
            new ApplicationContextRunner()
                    .withConfiguration(
                            AutoConfigurations.of(
                                    KafkaAutoConfiguration.class, SslAutoConfiguration.class));

    @Test
    void setsWhatGantryNeeds() {
        with(
                defaults -> {
                    assertThat(defaults.consumerProperties())
                            .containsEntry("auto.offset.reset", "earliest")
                            .containsEntry("isolation.level", "read_committed")
                            .containsEntry("enable.auto.commit", false)
                            .containsEntry("value.deserializer", ByteArrayDeserializer.class)
                            .doesNotContainKey("group.id");
                    assertThat(defaults.producerProperties())
                            .containsEntry("acks", "all")
                            .containsEntry("enable.idempotence", true)
                            .containsEntry("compression.type", "zstd")
                            .containsEntry("compression.zstd.level", 1)
                            .containsEntry("max.request.size", 25 << 20)
                            .containsEntry("buffer.memory", buffer())
                            .containsEntry("value.serializer", ByteArraySerializer.class);
                    assertThat(defaults.adminProperties())
                            .containsEntry("bootstrap.servers", List.of("localhost:9092"));
                });
    }

    @Test
    void letsSpringsKeysWin() {
        with(
                defaults -> {
                    assertThat(defaults.consumerProperties())
                            .containsEntry("auto.offset.reset", "latest")
                            .containsEntry("isolation.level", "read_uncommitted")
                            .containsEntry("enable.auto.commit", false)
                            .containsEntry("client.id", "c");
                    assertThat(defaults.producerProperties())
                            .containsEntry("acks", "1")
                            .containsEntry("enable.idempotence", false)
                            .containsEntry("compression.type", "lz4")
                            .doesNotContainKey("compression.zstd.level")
                            .containsEntry("max.request.size", "7");
                    assertThat(defaults.adminProperties())
                            .containsEntry("bootstrap.servers", List.of("b:1", "c:2"));
                },
                "spring.kafka.bootstrap-servers=b:1,c:2",
                "spring.kafka.client-id=c",
                "spring.kafka.consumer.auto-offset-reset=latest",
                "spring.kafka.consumer.isolation-level=read-uncommitted",
                "spring.kafka.consumer.enable-auto-commit=true",
                "spring.kafka.producer.acks=1",
                "spring.kafka.producer.compression-type=lz4",
                "spring.kafka.producer.properties.max.request.size=7");
    }

    /** Every line alone stops a Kafka client beside the defaults of Gantry's. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "spring.kafka.producer.acks=1",
                "spring.kafka.producer.retries=0",
                "spring.kafka.producer.buffer-memory=1MB",
                "spring.kafka.producer.transaction-id-prefix=tx",
                "spring.kafka.producer.properties.transactional.id=tx",
                "spring.kafka.producer.properties.enable.idempotence=false",
                "spring.kafka.producer.properties.max.in.flight.requests.per.connection=6",
                "spring.kafka.producer.properties.request.timeout.ms=30000",
                "spring.kafka.properties.request.timeout.ms=30000",
                "spring.kafka.properties.request.timeout.ms=2147483647",
                "spring.kafka.producer.properties.linger.ms=60000",
                "spring.kafka.producer.properties.delivery.timeout.ms=3000",
                "spring.kafka.producer.properties.delivery.timeout.ms=1",
                "spring.kafka.properties.delivery.timeout.ms=2147483647",
                "spring.kafka.properties.default.api.timeout.ms=5000",
                "spring.kafka.admin.properties.default.api.timeout.ms=5000",
                "spring.kafka.consumer.enable-auto-commit=true",
                "spring.kafka.consumer.group-id=other",
                "spring.kafka.consumer.heartbeat-interval=60s",
                "spring.kafka.consumer.properties.session.timeout.ms=2000",
                "spring.kafka.consumer.properties.group.protocol=consumer",
                "spring.kafka.consumer.value-deserializer=org.apache.kafka.common.serialization.LongDeserializer",
                "spring.kafka.producer.value-serializer=org.apache.kafka.common.serialization.LongSerializer",
            })
    void letsItsDefaultsYield(String line) {
        with(KafkaDefaultsTest::open, line);
    }

    /** What the clients would otherwise end with a stack trace. */
    private static void open(KafkaDefaults defaults) {
        Map<String, Object> consumer = new HashMap<>(defaults.consumerProperties());
        consumer.put("group.id", "g");
        consumer.put("group.protocol", "classic");
        Map<String, Object> patient = new HashMap<>(defaults.producerProperties());
        patient.put("delivery.timeout.ms", Integer.MAX_VALUE);
        Map<String, Object> all = defaults.publisherProperties();
        try (KafkaProducer<byte[], byte[]> worker = new KafkaProducer<>(all);
                KafkaProducer<byte[], byte[]> chunks =
                        new KafkaProducer<>(ChunkPublisher.producerProperties(all));
                KafkaProducer<byte[], byte[]> submit = new KafkaProducer<>(patient);
                KafkaConsumer<byte[], byte[]> reader = new KafkaConsumer<>(consumer);
                Admin admin = Admin.create(defaults.adminProperties())) {
            assertThat(worker.metrics()).isNotEmpty();
            assertThat(chunks.metrics()).isNotEmpty();
            assertThat(submit.metrics()).isNotEmpty();
            assertThat(reader.metrics()).isNotEmpty();
            assertThat(admin.metrics()).isNotEmpty();
        }
    }

    @Test
    void keepsTheUsersLevelOfCompression() {
        with(
                defaults ->
                        assertThat(defaults.publisherProperties())
                                .containsEntry("compression.zstd.level", "9"),
                "spring.kafka.producer.properties.compression.zstd.level=9");
    }

    /** What a batch takes is a whole one for each partition. */
    @ParameterizedTest
    @CsvSource({
        "spring.kafka.client-id=c, 32768",
        "spring.kafka.producer.buffer-memory=32MB, 32768",
        "spring.kafka.producer.buffer-memory=31MB, 16384",
        "spring.kafka.properties.buffer.memory=10000, 10000",
        "spring.kafka.producer.batch-size=1KB, 1024",
        "spring.kafka.producer.batchSize=64KB, 65536",
        "spring.kafka.properties.batch.size=7, 7",
        "spring.kafka.producer.properties.batch.size=8, 8",
    })
    void makesBatchesThatTheBufferHasRoomFor(String line, String expected) {
        with(
                defaults ->
                        assertThat(defaults.publisherProperties().get("batch.size"))
                                .asString()
                                .isEqualTo(expected),
                line);
    }

    @Test
    void keepsTheTimesOfAWorkerWithinWhatTheUserSet() {
        with(
                defaults ->
                        assertThat(defaults.publisherProperties())
                                .containsEntry("request.timeout.ms", 5_000)
                                .containsEntry("delivery.timeout.ms", 10_000)
                                .containsEntry("max.block.ms", 100));
        with(
                defaults -> {
                    assertThat(defaults.publisherProperties())
                            .containsEntry("request.timeout.ms", "30000")
                            .containsEntry("delivery.timeout.ms", 30_005);
                    assertThat(defaults.deliveryTimeout()).isEqualTo(Duration.ofMillis(30_005));
                },
                "spring.kafka.properties.request.timeout.ms=30000");
        with(
                defaults ->
                        assertThat(defaults.publisherProperties())
                                .containsEntry("delivery.timeout.ms", "3000")
                                .containsEntry("request.timeout.ms", 2_995),
                "spring.kafka.producer.properties.delivery.timeout.ms=3000");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    spring.kafka.producer.acks=1 | spring.kafka.producer.acks
                    spring.kafka.properties.acks=1 | spring.kafka.properties.acks
                    spring.kafka.producer.properties.transactional.id=t | spring.kafka.producer.properties.transactional.id
                    spring.kafka.consumer.enable-auto-commit=true | spring.kafka.consumer.enable-auto-commit
                    spring.kafka.consumer.group-id=other | gantry.worker.group
                    """)
    void saysOnceWhatItLeavesOutOrWhatWeakensAPromise(String line, String expected) {
        with(
                defaults ->
                        assertThat(defaults.notices())
                                .singleElement()
                                .asString()
                                .contains(expected),
                line);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    spring.kafka.producer.acks=0 | spring.kafka.producer.acks: 0; allowed is all
                    spring.kafka.producer.acks=2 | acks
                    spring.kafka.producer.compression-type=brotli | compression.type
                    spring.kafka.producer.acks=1 spring.kafka.producer.properties.enable.idempotence=true | spring.kafka.producer.properties.enable.idempotence: true; allowed is false with acks=1
                    spring.kafka.producer.retries=0 spring.kafka.properties.enable.idempotence=true | spring.kafka.properties.enable.idempotence: true; allowed is false with retries=0
                    spring.kafka.properties.delivery.timeout.ms=3000 spring.kafka.properties.request.timeout.ms=30000 | delivery.timeout.ms: 3000; allowed is at least linger.ms and request.timeout.ms together
                    spring.kafka.properties.delivery.timeout.ms=soon | delivery.timeout.ms
                    spring.kafka.properties.default.api.timeout.ms=5 spring.kafka.properties.request.timeout.ms=6 | default.api.timeout.ms: 5; allowed is at least request.timeout.ms (6)
                    spring.kafka.properties.session.timeout.ms=5 spring.kafka.properties.heartbeat.interval.ms=6 | heartbeat.interval.ms: 6; allowed is less than session.timeout.ms (5)
                    spring.kafka.producer.batch-size=2MB spring.kafka.properties.buffer.memory=1000000 | spring.kafka.producer.batch-size: 2097152; allowed is at most buffer.memory (1000000)
                    spring.kafka.consumer.auto-offset-reset=oldest | auto.offset.reset
                    """)
    void refusesWhatContradictsItselfInOneSentence(String lines, String expected) {
        with(
                defaults ->
                        assertThatThrownBy(defaults::notices)
                                .isInstanceOf(WrongSettingsException.class)
                                .hasMessageContaining(expected),
                lines.split(" ", -1));
    }

    @Test
    void takesTheIsolationLevelFromTheCommonProperties() {
        with(
                defaults ->
                        assertThat(defaults.consumerProperties())
                                .containsEntry("isolation.level", "read_uncommitted"),
                "spring.kafka.properties.isolation.level=read_uncommitted");
    }

    @Test
    void usesSpringsSslBundle() {
        with(
                defaults ->
                        assertThat(defaults.producerProperties())
                                .containsEntry(
                                        "ssl.engine.factory.class", SslBundleSslEngineFactory.class)
                                .containsEntry("security.protocol", "SSL"),
                "spring.kafka.security.protocol=SSL",
                "spring.kafka.ssl.bundle=b",
                "spring.ssl.bundle.jks.b.protocol=TLSv1.3");
    }

    /** Two of the largest records, or as much of the worker's memory as its records may take. */
    private static long buffer() {
        return Math.max(50L << 20, Runtime.getRuntime().maxMemory() / 8);
    }

    private void with(Consumer<KafkaDefaults> check, String... properties) {
        runner.withPropertyValues(properties).run(context -> check.accept(defaults(context)));
    }

    private static KafkaDefaults defaults(ApplicationContext context) {
        return new KafkaDefaults(
                context.getBean(KafkaProperties.class),
                context.getBean(KafkaConnectionDetails.class),
                context.getEnvironment(),
                SettingsBinder.bind(Environments.of("")).worker());
    }
}
