package dev.gantry.intake.broker;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;

/** What the broker says beside the consumer; nothing before it is opened. */
public final class BrokerView implements Inquiry, TopicSight, AutoCloseable {
    private static final String NOT_OPEN = "the worker has not joined its group";

    private final Supplier<List<String>> topics;
    private final String group;
    private final InstantSource clock;

    /** Set once, by the thread that starts the worker. */
    private volatile @Nullable Open open;

    private record Open(Admin admin, AdminInquiry inquiry, TopicWatch watch) {}

    /**
     * @param topics as they are read now
     */
    public BrokerView(Supplier<List<String>> topics, String group, InstantSource clock) {
        this.topics = topics;
        this.group = group;
        this.clock = clock;
    }

    /**
     * Opens what asks the broker.
     *
     * @param properties of the consumer: the addresses and credentials are the same
     */
    public void open(Map<String, Object> properties) {
        Object reset = properties.getOrDefault(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        ResetPolicy policy = ResetPolicy.of(reset);
        Admin admin = Admin.create(adminProperties(properties));
        TopicWatch watch = new TopicWatch(admin, topics);
        var inquiry = new AdminInquiry(admin, group, policy, isolation(properties), clock);
        open = new Open(admin, inquiry, watch);
        watch.start();
    }

    private static Map<String, Object> adminProperties(Map<String, Object> consumer) {
        Map<String, Object> properties = new HashMap<>(consumer);
        properties
                .keySet()
                .removeIf(
                        key ->
                                !AdminClientConfig.configNames().contains(key)
                                        && !key.equals(SslBundle.class.getName()));
        properties.computeIfPresent(AdminClientConfig.CLIENT_ID_CONFIG, (_, id) -> id + "-view");
        return properties;
    }

    private static IsolationLevel isolation(Map<String, Object> properties) {
        Object level = properties.get(ConsumerConfig.ISOLATION_LEVEL_CONFIG);
        return level == null
                ? IsolationLevel.READ_UNCOMMITTED
                : IsolationLevel.valueOf(level.toString().strip().toUpperCase(Locale.ROOT));
    }

    @Override
    public Answer ask(Collection<TopicPartition> partitions) throws InterruptedException {
        Open now = open;
        if (now != null) {
            return now.inquiry().ask(partitions);
        }
        Map<TopicPartition, String> trouble = new HashMap<>();
        partitions.forEach(each -> trouble.put(each, NOT_OPEN));
        return new Answer(Map.of(), trouble);
    }

    @Override
    public Sightings last() {
        Open now = open;
        return now == null ? Sightings.unclear(System.nanoTime()) : now.watch().last();
    }

    /** Why the broker is asked in vain; null: it answers, or has not been asked. */
    public @Nullable Throwable unheard() {
        Open now = open;
        return now == null ? null : now.watch().unheard();
    }

    @Override
    public void request() {
        Open now = open;
        if (now != null) {
            now.watch().request();
        }
    }

    @Override
    public Sightings look() throws InterruptedException {
        Open now = open;
        return now == null ? Sightings.unclear(System.nanoTime()) : now.watch().look();
    }

    @Override
    public void close() {
        Open now = open;
        if (now != null) {
            // First: the watch need not wait for its last answer then.
            now.admin().close(Duration.ZERO);
            now.watch().stop();
        }
    }
}
