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
 * Where reading went back because the log is not the one it was. Counted since the process started;
 * any thread.
 */
public final class LogResets {
    private static final Logger log = LoggerFactory.getLogger(LogResets.class);

    private static final int REMEMBERED = 100;

    /** What became of the log. */
    public enum Reason {
        /** The topic was deleted and made anew. */
        REMADE,
        /** Its end was cut off: an unclean leader, or a broker restored from a backup. */
        TRUNCATED;

        /** As in metric labels. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * The last one of a partition.
     *
     * @param from the position before
     * @param to the position after
     */
    public record Place(TopicPartition partition, Reason reason, long from, long to) {
        @Override
        public String toString() {
            return "%s was %s: reading went from offset %d to %d"
                    .formatted(partition, reason.label(), from, to);
        }
    }

    // Guarded by this.
    private final Map<Reason, Long> counts = new EnumMap<>(Reason.class);
    private final LinkedHashMap<TopicPartition, Place> places = new LinkedHashMap<>();

    /** Counts and logs it. */
    public void add(Place place) {
        log.atWarn()
                .addKeyValue("partition", place.partition())
                .addKeyValue("reason", place.reason().label())
                .addKeyValue("from", place.from())
                .addKeyValue("to", place.to())
                .log("reading starts over");
        remember(place);
    }

    private synchronized void remember(Place place) {
        counts.merge(place.reason(), 1L, Long::sum);
        places.remove(place.partition());
        places.putLast(place.partition(), place);
        if (places.size() > REMEMBERED) {
            places.pollFirstEntry();
        }
    }

    public synchronized long count(Reason reason) {
        return counts.getOrDefault(reason, 0L);
    }

    /** The latest of each partition. */
    public synchronized List<Place> places() {
        return List.copyOf(places.values());
    }
}
