package dev.gantry.intake.position;

import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What was passed over without having been read: nobody can answer it, but it is said. Counted
 * since the process started; any thread.
 */
public final class SkippedRequests {
    private static final Logger log = LoggerFactory.getLogger(SkippedRequests.class);

    /** Of places, so that a page stays a page; the longest untouched goes first. */
    private static final int REMEMBERED = 100;

    /** Why nobody read it. */
    public enum Reason {
        /** Retention or an operator deleted it from the log before it was read. */
        DELETED("deleted before they were read"),
        /** The log cannot be read there. */
        DAMAGED("they cannot be read"),
        /** It inflates to more than any request may be, and was not. */
        TOO_LARGE("they inflate to more than a request may be");

        private final String words;

        Reason(String words) {
            this.words = words;
        }

        /** As in metric labels. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * All that was skipped of one partition for one reason.
     *
     * @param requests offsets passed over; at most so many requests, as not every offset holds one
     * @param from the lowest offset
     * @param to the highest offset
     */
    public record Place(
            TopicPartition partition, Reason reason, long requests, long from, long to) {
        private Place with(Place more) {
            return new Place(
                    partition,
                    reason,
                    requests + more.requests,
                    Math.min(from, more.from),
                    Math.max(to, more.to));
        }

        @Override
        public String toString() {
            return "%d requests skipped in %s, offsets %d to %d: %s"
                    .formatted(requests, partition, from, to, reason.words);
        }
    }

    private record Key(TopicPartition partition, Reason reason) {}

    // Guarded by this.
    private final Map<Reason, Long> counts = new EnumMap<>(Reason.class);
    private final LinkedHashMap<Key, Place> places = new LinkedHashMap<>();

    /** Counts and logs it. */
    public void add(Place place) {
        log.atError()
                .addKeyValue("partition", place.partition())
                .addKeyValue("requests", place.requests())
                .addKeyValue("from", place.from())
                .addKeyValue("to", place.to())
                .addKeyValue("reason", place.reason().label())
                .log("requests skipped");
        remember(place);
    }

    private synchronized void remember(Place place) {
        counts.merge(place.reason(), place.requests(), Long::sum);
        Key key = new Key(place.partition(), place.reason());
        Place before = places.remove(key);
        places.putLast(key, before == null ? place : before.with(place));
        if (places.size() > REMEMBERED) {
            places.pollFirstEntry();
        }
    }

    public synchronized long count(Reason reason) {
        return counts.getOrDefault(reason, 0L);
    }

    /** Where, the longest untouched first. */
    public synchronized List<Place> places() {
        return List.copyOf(places.values());
    }
}
