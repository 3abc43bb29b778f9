package dev.gantry.circuit;

import dev.gantry.circuit.Event.Absorbed;
import dev.gantry.circuit.Event.Claimed;
import dev.gantry.circuit.Event.Expired;
import dev.gantry.circuit.Event.Suspected;
import dev.gantry.circuit.Phase.Closed;
import dev.gantry.circuit.Phase.Denied;
import dev.gantry.circuit.Phase.HalfOpen;
import dev.gantry.circuit.Phase.Open;
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
import java.util.concurrent.ConcurrentHashMap;

/**
 * Every circuit as this worker sees it: the table's row, and upon it what happened here that the
 * table does not know yet. Memory only; one lock, which is never held across a statement.
 */
final class CircuitBook {
    private final CircuitSettings settings;
    private final FleetClock clock;
    private final String worker;
    private final Watch watch;

    /** Called under the book's lock: must neither block nor ask back. */
    interface Watch {
        /** The store does not know something. */
        void unsent();

        /** A lane stands otherwise than before. */
        void shown();
    }

    /** Guarded by this. */
    private final Map<CircuitKey, Page> pages = new HashMap<>();

    /** Those with something that the table does not know; guarded by this. */
    private final Set<CircuitKey> unsent = new LinkedHashSet<>();

    /** By instance; guarded by this. */
    private final Map<CircuitKey, List<LaneView>> tenants = new HashMap<>();

    /** Guarded by this. */
    private final OwnCircuits own;

    /** What last made it suspect here; guarded by this. */
    private final Map<CircuitKey, Setback> setbacks = new HashMap<>();

    private final ConcurrentHashMap<LaneId, LaneView> lanes = new ConcurrentHashMap<>();

    CircuitBook(CircuitSettings settings, FleetClock clock, String worker, Watch watch) {
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
        LaneView known = lanes.get(lane);
        return known == null ? admit(lane) : known;
    }

    private synchronized LaneView admit(LaneId lane) {
        return lanes.computeIfAbsent(
                lane,
                _ -> {
                    Posture posture = posture(CircuitKey.ofLane(lane), CircuitKey.ofInstance(lane));
                    LaneView view = new LaneView(lane, posture, settings.failureWindow());
                    tenants.computeIfAbsent(view.instance(), _ -> new ArrayList<>()).add(view);
                    return view;
                });
    }

    private Posture posture(CircuitKey lane, CircuitKey instance) {
        return Posture.of(
                List.of(circuit(lane), own.circuit(lane)),
                List.of(circuit(instance), own.circuit(instance)));
    }

    Collection<LaneView> lanes() {
        return lanes.values();
    }

    synchronized Circuit circuit(CircuitKey key) {
        Page page = pages.get(key);
        return page == null ? Circuit.pristine(key) : page.here();
    }

    /** All that ever moved. */
    synchronized List<Circuit> circuits() {
        return pages.values().stream().map(Page::here).toList();
    }

    synchronized int unsynced() {
        return unsent.size();
    }

    /** One event for several circuits: nobody sees only a part of them moved. */
    synchronized boolean apply(Collection<CircuitKey> keys, Event event) {
        boolean moved = false;
        for (CircuitKey key : keys) {
            Page page = page(key);
            Circuit before = page.here();
            if (event instanceof Suspected suspected) {
                setbacks.put(key, suspected.setback());
            }
            if (page.add(event, settings)) {
                unsent.add(key);
                show(key, before, page.here());
                moved = true;
            }
        }
        if (moved) {
            watch.unsent();
        }
        return moved;
    }

    /** Like {@link #apply}, of this worker's own circuits. */
    synchronized boolean applyOwn(Collection<CircuitKey> keys, Event event) {
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
    synchronized Setback setback(CircuitKey key) {
        ErrorKind kind = key.ofInstance() ? ErrorKind.AUTH : ErrorKind.UNKNOWN;
        Setback unknown = new Setback(new Cause(kind, "failing at other workers", worker), null, 0);
        return setbacks.getOrDefault(key, unknown);
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
     * The circuits that a probe of the lane must hold tickets for; null if no probe of this worker
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
        return pages.values().stream()
                .map(Page::row)
                .filter(row -> row.phase() instanceof Closed && row.tally().suspected() != null)
                .toList();
    }

    /** Puts on record what ended by time before then. */
    synchronized void expire(long nanos) {
        List<CircuitKey> over =
                pages.values().stream()
                        .map(Page::here)
                        .filter(
                                here ->
                                        here.phase() instanceof Open open
                                                && open.end() == Phase.End.TIME
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
        pages.keySet().forEach(key -> table.put(key, Circuit.pristine(key)));
        rows.forEach(row -> table.put(row.key(), row));
        learn(table.values());
    }

    /** Rows of the table, as they were just read. */
    synchronized void learn(Collection<Circuit> rows) {
        for (Circuit row : rows) {
            Page page = page(row.key());
            Circuit before = page.here();
            page.learn(row, settings);
            show(row.key(), before, page.here());
        }
    }

    /** What the table must be told; what turned out to change nothing is dropped. */
    synchronized Map<CircuitKey, Page.Draft> drafts() {
        Map<CircuitKey, Page.Draft> drafts = new LinkedHashMap<>();
        for (CircuitKey key : List.copyOf(unsent)) {
            Page page = page(key);
            if (page.idle()) {
                page.forget();
                unsent.remove(key);
            } else {
                drafts.put(key, page.draft(clock.now(), worker));
            }
        }
        return drafts;
    }

    /** The table has taken the draft; returns what nobody has announced yet. */
    synchronized List<Transition> written(CircuitKey key, Page.Draft draft) {
        Page page = page(key);
        Circuit before = page.here();
        List<Transition> moves = page.written(draft, clock.now(), worker, settings);
        if (page.empty()) {
            unsent.remove(key);
        }
        show(key, before, page.here());
        return moves;
    }

    /** The table is out of reach: what happened here is merged into it when it is back. */
    synchronized List<Transition> keep() {
        List<Transition> moves = new ArrayList<>();
        for (CircuitKey key : unsent) {
            moves.addAll(page(key).keep(clock.now(), worker));
        }
        return moves;
    }

    /** The next moment at which time alone changes a standing. */
    synchronized long nextMoment(long nanos) {
        long next = Long.MAX_VALUE;
        for (Page page : pages.values()) {
            next = Math.min(next, moment(page.here(), nanos));
        }
        for (Circuit each : own.notClosed()) {
            next = Math.min(next, moment(each, nanos));
        }
        return next;
    }

    private static long moment(Circuit circuit, long nanos) {
        long until = circuit.phase() instanceof Open open ? FleetClock.nanos(open.until()) : 0;
        return until > nanos ? until : Long.MAX_VALUE;
    }

    private Page page(CircuitKey key) {
        return pages.computeIfAbsent(key, _ -> new Page(Circuit.pristine(key)));
    }

    private void show(CircuitKey key, Circuit before, Circuit after) {
        if (after.phase().equals(before.phase()) && after.cause().equals(before.cause())) {
            return;
        }
        if (before.phase() instanceof Closed && !(after.phase() instanceof Closed)) {
            absorb(after);
        }
        CircuitKey instance = new CircuitKey(key.provider(), key.instance(), null, null);
        for (LaneView view : tenants.getOrDefault(instance, List.of())) {
            if (key.ofInstance() || view.own().equals(key)) {
                view.posture(posture(view.own(), view.instance()), clock.nanos());
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
