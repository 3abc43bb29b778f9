package dev.gantry.delivery;

import dev.gantry.event.TopicSettings;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

/** Compares what the written topics take with what the producer sends. */
final class TopicLimits {
    private static final Logger log = LoggerFactory.getLogger(TopicLimits.class);

    private final Admin admin;
    private final TopicSettings settings;
    private final int needed;
    private final int maxRequestSize;

    /**
     * @param needed the largest record that there may be: request, response and 1 MiB
     * @param maxRequestSize of the producer
     */
    TopicLimits(Admin admin, TopicSettings settings, int needed, int maxRequestSize) {
        this.admin = admin;
        this.settings = settings;
        this.needed = needed;
        this.maxRequestSize = maxRequestSize;
    }

    /** Ready if every written topic stands; says then which limits will bite. */
    Topics.Readiness compare() throws InterruptedException, ExecutionException {
        Map<String, Integer> limits = new LinkedHashMap<>();
        List<String> missing = new ArrayList<>();
        for (Map.Entry<String, KafkaFuture<Config>> asked : ask().entrySet()) {
            String topic = asked.getKey();
            try {
                limit(asked.getValue()).ifPresent(limit -> limits.put(topic, limit));
            } catch (ExecutionException e) {
                unknown(topic, e, missing);
            }
        }
        if (!missing.isEmpty()) {
            // Work without them would be paid for and never be told.
            return new Topics.Readiness.NotYet("topics do not exist: " + missing);
        }
        warn(limits);
        int ours = Math.min(maxRequestSize, needed);
        return new Topics.Readiness.Ready(
                Math.min(limits.getOrDefault(settings.results(), ours), ours),
                Math.min(limits.getOrDefault(settings.audit(), ours), ours));
    }

    private Map<String, KafkaFuture<Config>> ask() {
        List<ConfigResource> resources =
                settings.written().stream()
                        .map(topic -> new ConfigResource(ConfigResource.Type.TOPIC, topic))
                        .toList();
        Map<String, KafkaFuture<Config>> asked = new LinkedHashMap<>();
        admin.describeConfigs(resources)
                .values()
                .forEach((resource, config) -> asked.put(resource.name(), config));
        return asked;
    }

    private static Optional<Integer> limit(KafkaFuture<Config> asked)
            throws InterruptedException, ExecutionException {
        return Optional.ofNullable(asked.get().get(TopicConfig.MAX_MESSAGE_BYTES_CONFIG))
                .map(ConfigEntry::value)
                .map(Integer::parseInt);
    }

    /** Without the right to look, the size check waits for the broker's own refusal. */
    private static void unknown(String topic, ExecutionException e, List<String> missing)
            throws ExecutionException {
        switch (e.getCause()) {
            case UnknownTopicOrPartitionException _ -> missing.add(topic);
            case RetriableException _ -> throw e;
            case null, default ->
                    log.atWarn()
                            .addKeyValue("topic", topic)
                            .addKeyValue("cause", String.valueOf(e.getCause()))
                            .log("max.message.bytes is unknown");
        }
    }

    private void warn(Map<String, Integer> limits) {
        if (maxRequestSize < needed) {
            log.atWarn()
                    .addKeyValue("max_request_size", maxRequestSize)
                    .addKeyValue("needed", needed)
                    .log(
                            "the producer's max.request.size is less than max-request-size,"
                                    + " max-response-size and 1 MiB: larger answers are kept in"
                                    + " the database, their results end as result_too_large");
        }
        int largest = Math.min(maxRequestSize, needed);
        limits.forEach(
                (topic, limit) -> {
                    if (limit < largest) {
                        log.atWarn()
                                .addKeyValue("topic", topic)
                                .addKeyValue("max_message_bytes", limit)
                                .addKeyValue("producer", largest)
                                .log(
                                        "the topic's max.message.bytes is less than what the"
                                                + " producer sends: larger records are cut short");
                    }
                });
    }
}
