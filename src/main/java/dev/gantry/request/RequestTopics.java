package dev.gantry.request;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** The topics that requests come from, as they are in force. Thread-safe. */
public final class RequestTopics {
    private volatile Map<String, RequestTopic> inForce;

    public RequestTopics(List<RequestTopic> topics) {
        this.inForce = byName(topics);
    }

    /** Topics of which nothing is said but their names. */
    public static RequestTopics plain(String... names) {
        return new RequestTopics(Stream.of(names).map(RequestTopic::plain).toList());
    }

    /** A reload has changed them. */
    public void replace(List<RequestTopic> topics) {
        inForce = byName(topics);
    }

    /** In the order of the configuration. */
    public List<RequestTopic> all() {
        return List.copyOf(inForce.values());
    }

    /** In the order of the configuration. */
    public List<String> names() {
        return List.copyOf(inForce.keySet());
    }

    /** One that is not among them bounds nothing: its records were taken while it was. */
    public RequestTopic of(String name) {
        RequestTopic topic = inForce.get(name);
        return topic == null ? RequestTopic.plain(name) : topic;
    }

    /** How those that are read now divide what they share. */
    public TopicParts parts(Set<String> read) {
        return TopicParts.of(read, this);
    }

    private static Map<String, RequestTopic> byName(List<RequestTopic> topics) {
        Map<String, RequestTopic> byName = new LinkedHashMap<>();
        topics.forEach(each -> byName.put(each.name(), each));
        return Collections.unmodifiableMap(byName);
    }
}
