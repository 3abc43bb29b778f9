package dev.gantry.outbox;

import dev.gantry.fleet.SqlTrouble;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Where in the spool there is something to take, and below which id there is nothing.
 *
 * <p>While somebody's snapshot is held (a dump, a forgotten transaction), deleted rows stay, and
 * who begins at the front passes all of them each time. So this worker begins behind what it knows
 * to be gone. It is an optimism: an id is given before its row is committed, others may have failed
 * with rows that they held, and operators have rows tried again. So all of it is looked at from the
 * front as well: as often as ever while that costs nothing, else for a twentieth of the time, and
 * twice a minute at least.
 */
final class SpoolReach {
    private static final Duration OFTEN = Duration.ofMillis(500);
    private static final Duration SELDOM = Duration.ofSeconds(30);
    private static final int SHARE = 20;

    /** The ids below which a topic has nothing to take. */
    private final Map<String, Long> floors = new ConcurrentHashMap<>();

    /** Topics that may have something to take. */
    private final Set<String> active = ConcurrentHashMap.newKeySet();

    /** Of the last look. */
    private volatile Seen seen = new Seen(false, Duration.ZERO, System.nanoTime());

    /** Only the draining thread uses it. */
    private long lookNanos = System.nanoTime();

    private record Seen(boolean any, Duration age, long nanos) {}

    boolean lookDue(long now) {
        return now - lookNanos >= 0;
    }

    /** Looks are dear or cheap: the next one comes as soon as that allows. */
    void looked(SpoolTable.Front found, long startedNanos, long endedNanos) {
        for (SpoolTable.Head head : found.heads()) {
            active.add(head.topic());
            floors.put(head.topic(), head.id() - 1);
        }
        seen = new Seen(!found.heads().isEmpty(), found.age(), endedNanos);
        next(SHARE * (endedNanos - startedNanos), endedNanos);
    }

    /**
     * A look that the database ended was as dear as one that found something. While nobody answers,
     * half of the time goes into asking.
     */
    void failed(SqlTrouble.Kind kind, long startedNanos, long endedNanos) {
        long took = endedNanos - startedNanos;
        next(kind == SqlTrouble.Kind.UNREACHABLE ? took : SHARE * took, endedNanos);
    }

    private void next(long pauseNanos, long now) {
        lookNanos = now + Math.clamp(pauseNanos, OFTEN.toNanos(), SELDOM.toNanos());
    }

    /** This worker has written a record of that topic. */
    void wrote(String topic) {
        active.add(topic);
    }

    /** In order. */
    Set<String> topics() {
        return new TreeSet<>(active);
    }

    /** Before a topic is taken from: what is written from here on makes it active again. */
    void taking(String topic) {
        active.remove(topic);
    }

    /** There may be more. */
    void more(String topic) {
        active.add(topic);
    }

    /** All up to this id is gone, as far as this worker knows. */
    void gone(String topic, long id) {
        floors.merge(topic, id, Math::max);
    }

    long floor(String topic) {
        return floors.getOrDefault(topic, 0L);
    }

    /** How long the oldest record has waited, as of the last look; zero: none is known to wait. */
    Duration age(long now) {
        Seen last = seen;
        return last.any() && !active.isEmpty()
                ? last.age().plusNanos(now - last.nanos())
                : Duration.ZERO;
    }
}
