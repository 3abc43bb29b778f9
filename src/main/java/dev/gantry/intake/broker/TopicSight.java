package dev.gantry.intake.broker;

import org.apache.kafka.common.Uuid;

import java.util.List;
import java.util.Map;

/** What is seen of the topics that requests come from. */
public interface TopicSight {
    /** What was seen of the topic. */
    sealed interface Sighting {
        /**
         * It stands.
         *
         * @param id {@link Uuid#ZERO_UUID} where the broker knows none
         * @param askedNanos before this moment it stood already, on the monotonic clock
         */
        record There(Uuid id, long askedNanos) implements Sighting {}

        /** The broker knows no such topic. */
        record Missing(long askedNanos) implements Sighting {}

        /** The broker does not say. */
        record Unclear(long askedNanos) implements Sighting {}

        /** On the monotonic clock. */
        long askedNanos();
    }

    /**
     * What was seen of all of them at once.
     *
     * @param topics by their names
     * @param askedNanos when they were asked for, on the monotonic clock
     */
    record Sightings(Map<String, Sighting> topics, long askedNanos) {
        public Sightings {
            topics = Map.copyOf(topics);
        }

        /** Of none is known anything. */
        public static Sightings unclear(long askedNanos) {
            return new Sightings(Map.of(), askedNanos);
        }

        /** Unclear where it was not looked at. */
        public Sighting of(String topic) {
            Sighting seen = topics.get(topic);
            return seen == null ? new Sighting.Unclear(askedNanos) : seen;
        }

        /** The broker knows no such topics; sorted. */
        public List<String> missing() {
            return topics.entrySet().stream()
                    .filter(each -> each.getValue() instanceof Sighting.Missing)
                    .map(Map.Entry::getKey)
                    .sorted()
                    .toList();
        }
    }

    /** What was seen last. */
    Sightings last();

    /** Have somebody look soon. */
    void request();

    /** Looks now; waits two seconds at most. */
    Sightings look() throws InterruptedException;
}
