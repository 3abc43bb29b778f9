package dev.gantry.request;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** The topics that requests come from, as they are in force. Thread-safe. */
public final class RequestTopics {
    private volatile InForce inForce;

    /** All that is asked at every poll is worked out once. */
    private static final class InForce {
        private final Map<String, RequestTopic> byName = new LinkedHashMap<>();
        private final List<String> names;

        /** Of the topics that were read the last time somebody asked. */
        private volatile @Nullable TopicParts parts;

        InForce(List<RequestTopic> topics) {
            topics.forEach(each -> byName.put(each.name(), each));
            this.names = List.copyOf(byName.keySet());
        }

        RequestTopic of(String name) {
            RequestTopic topic = byName.get(name);
            return topic == null ? RequestTopic.plain(name) : topic;
        }
    }

    public RequestTopics(List<RequestTopic> topics) {
        this.inForce = new InForce(topics);
    }

    /** Topics of which nothing is said but their names. */
    public static RequestTopics plain(String... names) {
        return new RequestTopics(Stream.of(names).map(RequestTopic::plain).toList());
    }

    /** A reload has changed them. */
    public void replace(List<RequestTopic> topics) {
        inForce = new InForce(topics);
    }

    /** In the order of the configuration. */
    public List<RequestTopic> all() {
        return List.copyOf(inForce.byName.values());
    }

    /** In the order of the configuration. */
    public List<String> names() {
        return inForce.names;
    }

    /** One that is not among them bounds nothing: its records were taken while it was. */
    public RequestTopic of(String name) {
        return inForce.of(name);
    }

    /** How those that are read now divide what they share. */
    public TopicParts parts(Set<String> read) {
        InForce now = inForce;
        TopicParts known = now.parts;
        if (known == null || !known.of(read)) {
            known = TopicParts.of(read, now::of);
            now.parts = known;
        }
        return known;
    }
}
