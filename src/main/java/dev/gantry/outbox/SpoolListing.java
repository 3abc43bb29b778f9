package dev.gantry.outbox;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;

/**
 * What stands in the database instead of on the broker.
 *
 * @param waiting records that workers will publish, by topic
 * @param asideCount records that the broker will never take as they are
 * @param aside the oldest of them
 * @param keptCount answers too large for the broker
 * @param kept the oldest of them
 */
public record SpoolListing(
        List<Depth> waiting,
        long asideCount,
        List<SetAside> aside,
        long keptCount,
        List<KeptAnswer> kept) {
    /**
     * One topic's records.
     *
     * @param oldest how long its oldest record has waited
     */
    public record Depth(String topic, long records, long bytes, Duration oldest) {}

    /** A record that blocks nobody, and why it is no longer tried. */
    public record SetAside(long id, String topic, long bytes, Duration age, String reason) {}

    /** An answer that the result of the same id refers to. */
    public record KeptAnswer(String id, String requestId, long bytes, Duration age) {}

    /**
     * What there is, and what the counters lacked of it.
     *
     * @param missingRecords negative: they said too many
     * @param missingBytes likewise
     */
    public record Count(long records, long bytes, long missingRecords, long missingBytes) {
        /** Whether the counters were right. */
        public boolean right() {
            return missingRecords == 0 && missingBytes == 0;
        }
    }

    public SpoolListing {
        waiting = List.copyOf(waiting);
        aside = List.copyOf(aside);
        kept = List.copyOf(kept);
    }

    public long records() {
        return waiting.stream().mapToLong(Depth::records).sum();
    }

    public long bytes() {
        return waiting.stream().mapToLong(Depth::bytes).sum();
    }

    /** Null while nothing waits. */
    public @Nullable Duration oldest() {
        return waiting.stream().map(Depth::oldest).max(Duration::compareTo).orElse(null);
    }
}
