package dev.gantry.circuit;

import dev.gantry.circuit.state.AvailabilityTimeline;
import dev.gantry.circuit.state.Circuit;
import dev.gantry.circuit.state.CircuitEvent;
import dev.gantry.circuit.state.CircuitEvent.Absorbed;
import dev.gantry.circuit.state.CircuitEvent.Claimed;
import dev.gantry.circuit.state.CircuitEvent.Expired;
import dev.gantry.circuit.state.CircuitEvent.Suspected;
import dev.gantry.circuit.state.CircuitSettings;
import dev.gantry.circuit.state.CircuitState;
import dev.gantry.circuit.state.CircuitState.Closed;
import dev.gantry.circuit.state.CircuitState.Denied;
import dev.gantry.circuit.state.CircuitState.HalfOpen;
import dev.gantry.circuit.state.CircuitState.Open;
import dev.gantry.circuit.state.FleetClock;
import dev.gantry.circuit.state.Lease;
import dev.gantry.circuit.state.TripFailure;
import dev.gantry.inference.CircuitCause;
import dev.gantry.inference.CircuitKey;
import dev.gantry.inference.CircuitTransition;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.LaneId;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Every circuit as this worker sees it: the table's row, and upon it what happened here that the
 * table does not know yet. Memory only; one lock, which is never held across a statement.
 */
final class CircuitCache {
    private final CircuitSettings settings;
    private final FleetClock clock;
    private final String worker;
    private final Watch watch;

    /** Called under the cache's lock: must neither block nor ask back. */
    interface Watch {
        /** The store does not know something. */
        void unsent();

        /** A lane stands otherwise than before. */
        void shown();
    }

    /** Guarded by this. */
    private final Map<CircuitKey, CachedCircuit> known = new HashMap<>();

    /** Those with something that the table does not know; guarded by this. */
    private final Set<CircuitKey> unsent = new LinkedHashSet<>();

    /** Guarded by this. */
    private final OwnCircuits own;

    /** What last made it suspect here; guarded by this. */
    private final Map<CircuitKey, TripFailure> trips = new HashMap<>();

    /** Changed under this. */
    private final LaneViews lanes = new LaneViews();

    CircuitCache(CircuitSettings settings, FleetClock clock, String worker, Watch watch) {
        this.settings = settings;
        this.clock = clock;
        this.worker = worker;
        this.watch = watch;
        this.own = new OwnCircuits(settings);
    }

    CircuitSettings settings() {
        return settings;
    }

    LaneView lane(LaneId lane) {
        LaneView view = lanes.of(lane);
        return view == null ? admit(lane) : view;
    }

    private synchronized LaneView admit(LaneId lane) {
        LaneView view = lanes.of(lane);
        return view != null
                ? view
                : lanes.add(
                        lane,
                        timeline(CircuitKey.ofLane(lane), CircuitKey.ofInstance(lane)),
                        settings.failureWindow());
    }

    /**
     * Another catalogue: what the fleet knows of a lane outlives its absence. What only this worker
     * knows does not: nobody would prove a lane that is not there.
     */
    synchronized void offer(Set<LaneId> now, Set<CircuitKey> keys) {
        lanes.offer(now);
        own.keep(keys);
        trips.keySet().retainAll(keys);
        for (LaneView view : lanes.all()) {
            if (view.gone() && !known.containsKey(view.own())) {
                lanes.forget(view);
            } else {
                view.timeline(timeline(view.own(), view.instance()), clock.nanos());
            }
        }
        watch.shown();
    }

    private AvailabilityTimeline timeline(CircuitKey lane, CircuitKey instance) {
        return AvailabilityTimeline.of(
                List.of(circuit(lane), own.circuit(lane)),
                List.of(circuit(instance), own.circuit(instance)));
    }

    Collection<LaneView> lanes() {
        return lanes.all();
    }

    synchronized Circuit circuit(CircuitKey key) {
        CachedCircuit cached = known.get(key);
        return cached == null ? Circuit.pristine(key) : cached.here();
    }

    /** All that ever moved. */
    synchronized List<Circuit> circuits() {
        return known.values().stream().map(CachedCircuit::here).toList();
    }

    synchronized int unsynced() {
        return unsent.size();
    }

    /** One event for several circuits: nobody sees only a part of them moved. */
    synchronized boolean apply(Collection<CircuitKey> keys, CircuitEvent event) {
        boolean moved = false;
        for (CircuitKey key : keys) {
            CachedCircuit cached = cached(key);
            Circuit before = cached.here();
            if (event instanceof Suspected suspected) {
                trips.put(key, suspected.trip());
            }
            if (cached.add(event, settings)) {
                unsent.add(key);
                show(key, before, cached.here());
                moved = true;
            }
        }
        if (moved) {
            watch.unsent();
        }
        return moved;
    }

    /** Like {@link #apply}, of this worker's own circuits. */
    synchronized boolean applyOwn(Collection<CircuitKey> keys, CircuitEvent event) {
        boolean moved = false;
        for (CircuitKey key : keys) {
            Circuit before = own.circuit(key);
            if (own.apply(key, event)) {
                show(key, before, own.circuit(key));
                moved = true;
            }
        }
        return moved;
    }

    /** What opens it if it is found guilty. */
    synchronized TripFailure trip(CircuitKey key) {
        ErrorKind kind = key.ofInstance() ? ErrorKind.AUTH : ErrorKind.UNKNOWN;
        TripFailure unknown =
                new TripFailure(
                        new CircuitCause(kind, "failing at other workers", worker), null, 0);
        return trips.getOrDefault(key, unknown);
    }

    /** This worker's own circuits that are not closed. */
    synchronized List<Circuit> owns() {
        return own.notClosed();
    }

    synchronized Circuit own(CircuitKey key) {
        return own.circuit(key);
    }

    /** Cheap: whether one of its own waits for a probe. */
    boolean ownProbeDue(long nanos) {
        return own.probeDue(nanos);
    }

    /**
     * The circuits that a probe of the lane must hold claims for; null if no probe of this worker
     * may pass, or none is needed.
     *
     * @param fleets those that the fleet shares: claimed before
     * @param own this worker's: to be claimed now
     */
    record Probed(List<CircuitKey> fleets, List<CircuitKey> own) {}

    synchronized @Nullable Probed probed(LaneId lane) {
        Probed needed = new Probed(new ArrayList<>(), new ArrayList<>());
        Instant now = clock.now();
        for (CircuitKey key : List.of(CircuitKey.ofInstance(lane), CircuitKey.ofLane(lane))) {
            boolean passes = passes(circuit(key), now) && ownPasses(own.circuit(key), now);
            if (!passes) {
                return null;
            }
            if (circuit(key).at(now) instanceof HalfOpen) {
                needed.fleets().add(key);
            }
            if (own.circuit(key).at(now) instanceof HalfOpen) {
                needed.own().add(key);
            }
        }
        return needed.fleets().isEmpty() && needed.own().isEmpty() ? null : needed;
    }

    private boolean passes(Circuit circuit, Instant now) {
        return switch (circuit.at(now)) {
            case Closed _ -> true;
            case HalfOpen(_, Lease lease) -> lease != null && lease.owner().equals(worker);
            case Open _, Denied _ -> false;
        };
    }

    private static boolean ownPasses(Circuit circuit, Instant now) {
        return switch (circuit.at(now)) {
            case Closed _ -> true;
            case HalfOpen half -> !half.probed(now);
            case Open _, Denied _ -> false;
        };
    }

    /** Claims its own ones, all or none. */
    synchronized boolean claimOwn(Collection<CircuitKey> keys, Lease lease) {
        Instant now = clock.now();
        boolean free =
                keys.stream()
                        .map(own::circuit)
                        .allMatch(
                                each -> each.at(now) instanceof HalfOpen half && !half.probed(now));
        return free && (keys.isEmpty() || applyOwn(keys, new Claimed(now, lease)));
    }

    /** Suspicions that the table knows and that are not decided. */
    synchronized List<Circuit> suspected() {
        return known.values().stream()
                .map(CachedCircuit::row)
                .filter(row -> row.state() instanceof Closed && row.window().suspected() != null)
                .toList();
    }

    /** Puts on record what ended by time before then. */
    synchronized void expire(long nanos) {
        List<CircuitKey> over =
                known.values().stream()
                        .map(CachedCircuit::here)
                        .filter(
                                here ->
                                        here.state() instanceof Open open
                                                && open.end() == CircuitState.End.TIME
                                                && FleetClock.nanos(open.until()) <= nanos)
                        .map(Circuit::key)
                        .toList();
        if (!over.isEmpty()) {
            apply(over, new Expired(clock.now()));
        }
        own.notClosed().stream()
                .filter(each -> each.at(clock.now()) instanceof Closed)
                .forEach(each -> applyOwn(List.of(each.key()), new Expired(clock.now())));
    }

    /** The whole table, as it was just read: a row that is not there is pristine. */
    synchronized void learnAll(List<Circuit> rows) {
        Map<CircuitKey, Circuit> table = new HashMap<>();
        known.keySet().forEach(key -> table.put(key, Circuit.pristine(key)));
        rows.forEach(row -> table.put(row.key(), row));
        learn(table.values());
    }

    /** Rows of the table, as they were just read. */
    synchronized void learn(Collection<Circuit> rows) {
        for (Circuit row : rows) {
            CachedCircuit cached = cached(row.key());
            Circuit before = cached.here();
            cached.learn(row, settings);
            show(row.key(), before, cached.here());
        }
    }

    /** What the table must be told; what turned out to change nothing is dropped. */
    synchronized Map<CircuitKey, CachedCircuit.Draft> drafts() {
        Map<CircuitKey, CachedCircuit.Draft> drafts = new LinkedHashMap<>();
        for (CircuitKey key : List.copyOf(unsent)) {
            CachedCircuit cached = cached(key);
            if (cached.idle()) {
                cached.forget();
                unsent.remove(key);
            } else {
                drafts.put(key, cached.draft(clock.now(), worker));
            }
        }
        return drafts;
    }

    /** The table has taken the draft; returns what nobody has announced yet. */
    synchronized List<CircuitTransition> written(CircuitKey key, CachedCircuit.Draft draft) {
        CachedCircuit cached = cached(key);
        Circuit before = cached.here();
        List<CircuitTransition> moves = cached.written(draft, clock.now(), worker, settings);
        if (cached.empty()) {
            unsent.remove(key);
        }
        show(key, before, cached.here());
        return moves;
    }

    /** The table is out of reach: what happened here is merged into it when it is back. */
    synchronized List<CircuitTransition> keep() {
        List<CircuitTransition> moves = new ArrayList<>();
        for (CircuitKey key : unsent) {
            moves.addAll(cached(key).keep(clock.now(), worker));
        }
        return moves;
    }

    /** The next moment at which time alone changes an availability. */
    synchronized long nextMoment(long nanos) {
        long next = Long.MAX_VALUE;
        for (CachedCircuit cached : known.values()) {
            next = Math.min(next, moment(cached.here(), nanos));
        }
        for (Circuit each : own.notClosed()) {
            next = Math.min(next, moment(each, nanos));
        }
        return next;
    }

    private static long moment(Circuit circuit, long nanos) {
        long until = circuit.state() instanceof Open open ? FleetClock.nanos(open.until()) : 0;
        return until > nanos ? until : Long.MAX_VALUE;
    }

    private CachedCircuit cached(CircuitKey key) {
        return known.computeIfAbsent(key, _ -> new CachedCircuit(Circuit.pristine(key)));
    }

    private void show(CircuitKey key, Circuit before, Circuit after) {
        if (after.state().equals(before.state()) && after.cause().equals(before.cause())) {
            return;
        }
        if (before.state() instanceof Closed && !(after.state() instanceof Closed)) {
            absorb(after);
        }
        CircuitKey instance = new CircuitKey(key.provider(), key.instance(), null, null);
        for (LaneView view : lanes.onInstance(instance)) {
            if (key.ofInstance() || view.own().equals(key)) {
                view.timeline(timeline(view.own(), view.instance()), clock.nanos());
            }
        }
        watch.shown();
    }

    /** What the fleet holds back, a worker need not hold back for itself. */
    private void absorb(Circuit moved) {
        if (circuit(moved.key()).equals(moved)) {
            own.apply(moved.key(), new Absorbed(clock.now()));
        }
    }
}
