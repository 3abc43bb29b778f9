package dev.gantry.event;

import org.springframework.boot.context.properties.bind.DefaultValue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Everything under {@code gantry.topics}.
 *
 * @param create create what is missing; without the permission, what exists is used as it is
 * @param partitions of created topics; caps the number of workers
 * @param replicas of created topics; -1: the broker's default
 */
public record TopicSettings(
        @DefaultValue(REQUESTS) String requests,
        @DefaultValue("gantry.results") String results,
        @DefaultValue("gantry.chunks") String chunks,
        @DefaultValue("gantry.metering") String metering,
        @DefaultValue("gantry.audit") String audit,
        @DefaultValue("gantry.routing") String routing,
        @DefaultValue("gantry.dead-letters") String deadLetters,
        @DefaultValue("true") boolean create,
        @DefaultValue("60") int partitions,
        @DefaultValue("-1") short replicas) {
    /** The default of {@code gantry.topics.requests}. */
    public static final String REQUESTS = "gantry.requests";

    public static final String ALLOWED = "a Kafka topic name: 1 to 249 of A-Z a-z 0-9 . _ -";

    private static final Pattern TOPIC = Pattern.compile("(?!\\.{1,2}$)[A-Za-z0-9._-]{1,249}");

    public TopicSettings {
        Map<String, String> keys = new LinkedHashMap<>();
        distinct(keys, "requests", requests);
        distinct(keys, "results", results);
        distinct(keys, "chunks", chunks);
        distinct(keys, "metering", metering);
        distinct(keys, "audit", audit);
        distinct(keys, "routing", routing);
        distinct(keys, "dead-letters", deadLetters);
        allow(partitions >= 1, "partitions", partitions, "1 or more");
        allow(
                replicas == -1 || replicas >= 1,
                "replicas",
                replicas,
                "1 or more, or -1 for the broker's default");
    }

    /** Whether Kafka takes it as a topic's name. */
    public static boolean isTopic(String name) {
        return TOPIC.matcher(name).matches();
    }

    /** All of them, by what they are for. */
    public Map<String, String> byPurpose() {
        Map<String, String> topics = new LinkedHashMap<>();
        topics.put("requests", requests);
        topics.put("results", results);
        topics.put("chunks", chunks);
        topics.put("metering", metering);
        topics.put("audit", audit);
        topics.put("routing", routing);
        topics.put("dead-letters", deadLetters);
        return topics;
    }

    /** The topics that every worker writes to. */
    public List<String> written() {
        return List.of(results, metering, audit, routing, deadLetters);
    }

    /**
     * Topics carry different records: one topic for two of them would feed Gantry its own words.
     */
    private static void distinct(Map<String, String> keys, String key, String topic) {
        allow(isTopic(topic), key, topic, ALLOWED);
        String other = keys.putIfAbsent(topic, key);
        allow(
                other == null,
                key,
                topic,
                "a topic of its own; gantry.topics.%s has the same".formatted(other));
    }

    private static void allow(boolean allowed, String key, Object value, String what) {
        if (!allowed) {
            throw new IllegalArgumentException(
                    "gantry.topics.%s: %s; allowed is %s".formatted(key, value, what));
        }
    }
}
