package dev.gantry.testbed;

import static java.util.Map.entry;

import org.springframework.kafka.test.EmbeddedKafkaKraftBroker;
import org.testcontainers.kafka.KafkaContainer;

import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One real broker for all test classes that do not stop it; keep apart by topic and group names.
 */
public final class SharedBroker {
    private static final Map<String, String> SETTINGS =
            Map.ofEntries(
                    entry("auto.create.topics.enable", "false"),
                    // Records of tests may be as old as they like.
                    entry("log.retention.ms", "-1"),
                    entry("group.initial.rebalance.delay.ms", "0"),
                    entry("offsets.topic.num.partitions", "4"),
                    entry("offsets.topic.replication.factor", "1"),
                    entry("transaction.state.log.replication.factor", "1"),
                    entry("transaction.state.log.min.isr", "1"),
                    // Rebalances settle in a second instead of five.
                    entry("group.consumer.min.heartbeat.interval.ms", "500"),
                    entry("group.consumer.heartbeat.interval.ms", "500"),
                    entry("group.consumer.min.session.timeout.ms", "3000"),
                    entry("group.consumer.session.timeout.ms", "6000"));
    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final String BOOTSTRAP = start();

    private SharedBroker() {}

    public static String bootstrapServers() {
        return BOOTSTRAP;
    }

    /** A name that no other test uses, for topics and groups. */
    public static String unique(String stem) {
        return stem + "-" + NAMES.incrementAndGet();
    }

    private static String start() {
        if (Docker.answers()) {
            KafkaContainer container = new KafkaContainer("apache/kafka:4.2.1");
            SETTINGS.forEach(
                    (key, value) ->
                            container.withEnv(
                                    "KAFKA_"
                                            + key.toUpperCase(java.util.Locale.ROOT)
                                                    .replace('.', '_'),
                                    value));
            container.start();
            return container.getBootstrapServers();
        }
        EmbeddedKafkaKraftBroker broker = new EmbeddedKafkaKraftBroker(1, 1);
        broker.brokerProperties(SETTINGS);
        // Its address is for those who ask for it, not for every application of this JVM.
        broker.brokerListProperty("test.brokers");
        broker.afterPropertiesSet();
        return broker.getBrokersAsString();
    }
}
