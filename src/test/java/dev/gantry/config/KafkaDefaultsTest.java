package dev.gantry.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.kafka.autoconfigure.KafkaAutoConfiguration;
import org.springframework.boot.kafka.autoconfigure.KafkaConnectionDetails;
import org.springframework.boot.kafka.autoconfigure.KafkaProperties;
import org.springframework.boot.kafka.autoconfigure.SslBundleSslEngineFactory;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

import java.util.List;
import java.util.function.Consumer;

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
                            .doesNotContainKey("enable.idempotence")
                            .containsEntry("compression.type", "lz4")
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
