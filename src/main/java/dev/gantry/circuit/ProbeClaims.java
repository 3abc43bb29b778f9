package dev.gantry.circuit;

import dev.gantry.circuit.ClaimedProbes.Claim;
import dev.gantry.circuit.state.CircuitEvent.Claimed;
import dev.gantry.circuit.state.CircuitEvent.Released;
import dev.gantry.circuit.state.CircuitEvent.Renewed;
import dev.gantry.circuit.state.CircuitEvent.Wanted;
import dev.gantry.circuit.state.CircuitState;
import dev.gantry.circuit.state.CircuitState.Closed;
import dev.gantry.circuit.state.CircuitState.HalfOpen;
import dev.gantry.circuit.state.FleetClock;
import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.circuit.state.Lease;
import dev.gantry.inference.CircuitKey;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** Claims the probes that are due and wanted here, and gives back those that nobody took. */
final class ProbeClaims {
    /** A claim lies ready until a request takes it; renewed when so much is left. */
    private static final Duration LEASE = Duration.ofMinutes(10);

    /** Outlives the longest probe (60 s), and a slow end: a live probe is never stolen. */
    private static final Duration RENEWED = Duration.ofMinutes(5);

    /** A claim that lies so long may be of more use to another worker. */
    private static final Duration UNTAKEN = Duration.ofSeconds(2);

    /** Between one worker's turn to claim and the next one's: a claim is known within it. */
    private static final long TURN_NANOS = Duration.ofMillis(50).toNanos();

    /** While the lane is still wanted by whoever asked for it. */
    private static final long LATEST_TURN = Duration.ofMillis(1_500).toNanos();

    /** After a claim given back, lost or ignored, others come first. */
    private static final long PAUSE_NANOS = Duration.ofMillis(500).toNanos();

    private final CircuitCache cache;
    private final ClaimedProbes claimed;
    private final FleetClock clock;
    private final String worker;
    private final RandomGenerator random;

    /** Not before; nanoseconds on the fleet's clock. Guarded by this. */
    private final Map<CircuitKey, Long> pauses = new HashMap<>();

    /** When it was first seen free, the same; guarded by this. */
    private final Map<CircuitKey, Long> freed = new HashMap<>();

    private final Supplier<Set<String>> workers;

    ProbeClaims(
            CircuitCache cache,
            ClaimedProbes claimed,
            FleetClock clock,
            String worker,
            Supplier<Set<String>> workers,
            RandomGenerator random) {
        this.cache = cache;
        this.claimed = claimed;
        this.clock = clock;
        this.worker = worker;
        this.workers = workers;
        this.random = random;
    }

    /** Gives back what another worker would use, and keeps the rest. */
    synchronized void review() {
        Instant now = clock.now();
        for (Claim claim : claimed.untaken()) {
            CircuitKey key = claim.key();
            Lease held = cache.circuit(key).at(now) instanceof HalfOpen half ? half.lease() : null;
            if (held == null || !claim.lease().is(held)) {
                claimed.drop(claim); // an operator's word, or another's claim
            } else if (held.wanted() != null) {
                giveBack(claim, now);
            } else if (held.until().isBefore(now.plus(RENEWED))) {
                Lease next = new Lease(worker, claim.lease().from(), now.plus(LEASE));
                cache.apply(List.of(key), new Renewed(now, claim.lease(), next));
            }
        }
    }

    /** Gives back all that nobody has taken: this worker leaves. */
    synchronized void leave() {
        claimed.untaken().forEach(claim -> giveBack(claim, clock.now()));
    }

    private void giveBack(Claim claim, Instant now) {
        if (claimed.drop(claim)) {
            pause(claim.key(), clock.nanos());
            cache.apply(List.of(claim.key()), new Released(now, claim.lease()));
        }
    }

    /** Claims in the cache; the store decides. Returns the leases to be confirmed. */
    synchronized Map<CircuitKey, Lease> claim() {
        Map<CircuitKey, Lease> claims = new HashMap<>();
        long nanos = clock.nanos();
        Instant now = clock.now();
        pauses.values().removeIf(until -> until <= nanos);
        for (CircuitKey key : due(now, nanos)) {
            Lease lease = new Lease(worker, now, now.plus(LEASE));
            if (!pauses.containsKey(key) && cache.apply(List.of(key), new Claimed(now, lease))) {
                pause(key, nanos);
                claims.put(key, lease);
            }
        }
        return claims;
    }

    private void pause(CircuitKey key, long nanos) {
        pauses.put(key, nanos + PAUSE_NANOS + random.nextLong(PAUSE_NANOS));
    }

    /** Lays out the claims of the claims that were won. */
    boolean confirm(Map<CircuitKey, Lease> claims) {
        boolean any = false;
        for (Map.Entry<CircuitKey, Lease> claim : claims.entrySet()) {
            if (cache.circuit(claim.getKey()).state() instanceof HalfOpen half
                    && claim.getValue().equals(half.lease())) {
                claimed.offer(claim.getKey(), claim.getValue());
                any = true;
            }
        }
        return any;
    }

    /**
     * An instance's probe must travel on one of its lanes: where a lane is half-open too, only who
     * holds the instance's claim claims the lane's, or two workers would wait for each other.
     */
    private Set<CircuitKey> due(Instant now, long nanos) {
        Set<CircuitKey> due = new LinkedHashSet<>();
        Set<CircuitKey> free = new HashSet<>();
        for (LaneView lane : cache.lanes()) {
            if ((lane.timeline().last() instanceof LaneAvailability.Admitted
                            && lane.timeline().lasting())
                    || !lane.wanted(nanos)) {
                continue;
            }
            CircuitState instance = cache.circuit(lane.instance()).at(now);
            CircuitState own = cache.circuit(lane.own()).at(now);
            if (own instanceof Closed || own instanceof HalfOpen) {
                look(lane.instance(), instance, now, free);
            }
            if (instance instanceof Closed || claimed.holds(lane.instance())) {
                look(lane.own(), own, now, free);
            }
        }
        freed.keySet().retainAll(free);
        for (CircuitKey key : free) {
            long seen = freed.computeIfAbsent(key, _ -> nanos);
            if (nanos - seen >= turn(key, cache.circuit(key).at(now).since())) {
                due.add(key);
            }
        }
        return due;
    }

    private void look(CircuitKey key, CircuitState state, Instant now, Set<CircuitKey> free) {
        if (state instanceof HalfOpen half && !half.probed(now)) {
            free.add(key);
            return;
        }
        if (state instanceof HalfOpen(_, Lease lease) && lease != null && unused(lease, now)) {
            cache.apply(List.of(key), new Wanted(now));
        }
    }

    /** Perhaps it is under way; then its owner goes on. */
    private boolean unused(Lease lease, Instant now) {
        return !lease.owner().equals(worker)
                && lease.wanted() == null
                && lease.from().plus(UNTAKEN).isBefore(now);
    }

    /** Each worker's own moment, by hash: the first of those who want it, and no race of all. */
    private long turn(CircuitKey key, Instant since) {
        int mine = rank(worker, key, since);
        long before =
                workers.get().stream()
                        .filter(each -> !each.equals(worker))
                        .filter(each -> rank(each, key, since) < mine)
                        .count();
        return Math.min(before * TURN_NANOS, LATEST_TURN);
    }

    private static int rank(String worker, CircuitKey key, Instant since) {
        int hash = 31 * (31 * worker.hashCode() + key.value().hashCode()) + since.hashCode();
        return (hash ^ (hash >>> 15)) * 0x2c1b3c6d;
    }

    /** Nanoseconds until it may be this worker's turn. */
    synchronized long untilTurn() {
        return freed.isEmpty() ? Long.MAX_VALUE : TURN_NANOS;
    }
}
