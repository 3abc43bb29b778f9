package dev.gantry.circuit;

import dev.gantry.circuit.Event.Claimed;
import dev.gantry.circuit.Event.Released;
import dev.gantry.circuit.Phase.Closed;
import dev.gantry.circuit.Phase.HalfOpen;
import dev.gantry.circuit.ProbeDesk.Ticket;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Claims the probes that are due and wanted here, and gives back those that nobody took. */
final class ProbeClaims {
    /**
     * Outlives the longest probe (60 s), the two seconds in which it may lie ready, and the margin
     * of a slow end: a live probe is never stolen.
     */
    private static final Duration LEASE = Duration.ofSeconds(75);

    /** After a claim given back, lost or ignored, others come first. */
    private static final long PAUSE_NANOS = Duration.ofMillis(500).toNanos();

    private final CircuitBook book;
    private final ProbeDesk desk;
    private final FleetClock clock;
    private final String worker;
    private final RandomGenerator random;

    /** Not before; nanoseconds on the fleet's clock. Guarded by this. */
    private final Map<CircuitKey, Long> pauses = new HashMap<>();

    ProbeClaims(
            CircuitBook book,
            ProbeDesk desk,
            FleetClock clock,
            String worker,
            RandomGenerator random) {
        this.book = book;
        this.desk = desk;
        this.clock = clock;
        this.worker = worker;
        this.random = random;
    }

    /** Gives back what nobody took. */
    void release() {
        release(desk.expired(clock.nanos()));
    }

    /** Gives back all that nobody has taken: this worker leaves. */
    void leave() {
        release(desk.expired(Long.MAX_VALUE));
    }

    private synchronized void release(List<Ticket> tickets) {
        Instant now = clock.now();
        for (Ticket ticket : tickets) {
            pause(ticket.key(), clock.nanos());
            book.apply(List.of(ticket.key()), new Released(now, ticket.lease()));
        }
    }

    /** Claims in the book; the store decides. Returns the leases to be confirmed. */
    synchronized Map<CircuitKey, Lease> claim() {
        Map<CircuitKey, Lease> claims = new HashMap<>();
        long nanos = clock.nanos();
        Instant now = clock.now();
        pauses.values().removeIf(until -> until <= nanos);
        for (CircuitKey key : due(now, nanos)) {
            Lease lease = new Lease(worker, now, now.plus(LEASE));
            if (!pauses.containsKey(key) && book.apply(List.of(key), new Claimed(now, lease))) {
                pause(key, nanos);
                claims.put(key, lease);
            }
        }
        return claims;
    }

    private void pause(CircuitKey key, long nanos) {
        pauses.put(key, nanos + PAUSE_NANOS + random.nextLong(PAUSE_NANOS));
    }

    /** Lays out the tickets of the claims that were won. */
    boolean confirm(Map<CircuitKey, Lease> claims) {
        boolean any = false;
        for (Map.Entry<CircuitKey, Lease> claim : claims.entrySet()) {
            if (book.circuit(claim.getKey()).phase() instanceof HalfOpen half
                    && claim.getValue().equals(half.lease())) {
                desk.offer(claim.getKey(), claim.getValue(), clock.nanos());
                any = true;
            }
        }
        return any;
    }

    /**
     * An instance's probe must travel on one of its lanes: where a lane is half-open too, only who
     * holds the instance's ticket claims the lane's, or two workers would wait for each other.
     */
    private Set<CircuitKey> due(Instant now, long nanos) {
        Set<CircuitKey> due = new LinkedHashSet<>();
        for (LaneView lane : book.lanes()) {
            if ((lane.posture().last() instanceof Standing.Admitted && lane.posture().lasting())
                    || !lane.wanted(nanos)) {
                continue;
            }
            Phase instance = book.circuit(lane.instance()).at(now);
            Phase own = book.circuit(lane.own()).at(now);
            if (free(instance, now) && (own instanceof Closed || own instanceof HalfOpen)) {
                due.add(lane.instance());
            }
            boolean carried = instance instanceof Closed || desk.holds(lane.instance());
            if (carried && free(own, now)) {
                due.add(lane.own());
            }
        }
        return due;
    }

    private static boolean free(Phase phase, Instant now) {
        return phase instanceof HalfOpen half && !half.probed(now);
    }
}
