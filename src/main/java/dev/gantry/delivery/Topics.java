package dev.gantry.delivery;

import dev.gantry.event.TopicSettings;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;

/** Makes sure that the topics stand, and learns how large a record they take. */
public final class Topics {
    private static final Logger log = LoggerFactory.getLogger(Topics.class);

    /** Longer than the longest billing period that someone reconciles. */
    private static final Duration METERING_RETENTION = Duration.ofDays(35);

    private final Admin admin;
    private final TopicSettings settings;
    private final List<String> requests;
    private final int maxMessageBytes;
    private final TopicLimits limits;

    /**
     * @param requests the topics that requests come from
     * @param maxMessageBytes of created topics: request, response and 1 MiB
     * @param maxRequestSize of the producer
     */
    public Topics(
            Admin admin,
            TopicSettings settings,
            List<String> requests,
            int maxMessageBytes,
            int maxRequestSize) {
        this.admin = admin;
        this.settings = settings;
        this.requests = List.copyOf(requests);
        this.maxMessageBytes = maxMessageBytes;
        this.limits = new TopicLimits(admin, settings, maxMessageBytes, maxRequestSize);
    }

    /** What came of an attempt to make the topics ready. */
    public sealed interface Readiness {
        /**
         * What exists is used as it is; what could not be made has been logged.
         *
         * @param maxResultSize the largest record that both we and the results topic allow
         * @param maxAuditSize likewise for the audit topic
         */
        record Ready(int maxResultSize, int maxAuditSize) implements Readiness {}

        /**
         * The broker does not answer, or a topic that workers write to does not stand: ask again.
         */
        record NotYet(String reason) implements Readiness {}
    }

    /** Creates what is missing, unless switched off; asks the broker each time. */
    public Readiness prepare() throws InterruptedException {
        try {
            if (settings.create()) {
                create();
            }
            return limits.compare();
        } catch (ExecutionException e) {
            return new Readiness.NotYet(String.valueOf(e.getCause()));
        }
    }

    private void create() throws InterruptedException, ExecutionException {
        Map<String, NewTopic> missing = wanted();
        missing.keySet().removeAll(existing());
        if (missing.isEmpty()) {
            return;
        }
        Map<String, KafkaFuture<Void>> answers = admin.createTopics(missing.values()).values();
        for (Map.Entry<String, KafkaFuture<Void>> answer : answers.entrySet()) {
            created(answer.getKey(), answer.getValue());
        }
    }

    private Set<String> existing() throws InterruptedException, ExecutionException {
        return admin.listTopics().names().get();
    }

    private void created(String topic, KafkaFuture<Void> answer)
            throws InterruptedException, ExecutionException {
        try {
            answer.get();
            log.atInfo().addKeyValue("topic", topic).log("topic created");
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                // Another worker was faster.
                case TopicExistsException _ -> {}
                case RetriableException _ -> throw e;
                case ApiException refused ->
                        log.atWarn()
                                .addKeyValue("topic", topic)
                                .addKeyValue("cause", refused.toString())
                                .log("topic is missing and could not be created");
                case null, default -> throw e;
            }
        }
    }

    private Map<String, NewTopic> wanted() {
        Map<String, NewTopic> wanted = new HashMap<>();
        requests.forEach(each -> wanted.put(each, topic(each)));
        for (String name :
                List.of(
                        settings.results(),
                        settings.chunks(),
                        settings.metering(),
                        settings.audit(),
                        settings.routing(),
                        settings.deadLetters())) {
            wanted.put(name, topic(name));
        }
        return wanted;
    }

    private NewTopic topic(String name) {
        Map<String, String> configs = new HashMap<>();
        configs.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE);
        configs.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(maxMessageBytes));
        if (name.equals(settings.metering())) {
            configs.put(
                    TopicConfig.RETENTION_MS_CONFIG, Long.toString(METERING_RETENTION.toMillis()));
        }
        Optional<Short> replicas =
                settings.replicas() < 0 ? Optional.empty() : Optional.of(settings.replicas());
        return new NewTopic(name, Optional.of(settings.partitions()), replicas).configs(configs);
    }
}
