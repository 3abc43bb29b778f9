package dev.gantry.circuit;

import dev.gantry.circuit.Event.Expired;
import dev.gantry.circuit.Phase.Closed;
import dev.gantry.circuit.Phase.Denied;
import dev.gantry.circuit.Phase.HalfOpen;
import dev.gantry.circuit.Phase.Open;
import dev.gantry.inference.LaneId;

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
import java.util.stream.Collectors;

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

    private final ConcurrentHashMap<LaneId, LaneView> lanes = new ConcurrentHashMap<>();

    CircuitBook(CircuitSettings settings, FleetClock clock, String worker, Watch watch) {
        this.settings = settings;
        this.clock = clock;
        this.worker = worker;
        this.watch = watch;
    }

    LaneView lane(LaneId lane) {
        LaneView known = lanes.get(lane);
        return known == null ? admit(lane) : known;
    }

    private synchronized LaneView admit(LaneId lane) {
        return lanes.computeIfAbsent(
                lane,
                _ -> {
                    Posture posture =
                            Posture.of(
                                    circuit(CircuitKey.ofInstance(lane)),
                                    circuit(CircuitKey.ofLane(lane)));
                    LaneView view = new LaneView(lane, posture, settings.failureWindow());
                    tenants.computeIfAbsent(view.instance(), _ -> new ArrayList<>()).add(view);
                    return view;
                });
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

    /**
     * The circuits that a probe of the lane must hold tickets for; none if no probe of this worker
     * may pass.
     */
    synchronized List<CircuitKey> probed(LaneId lane) {
        List<CircuitKey> needed = new ArrayList<>();
        Instant now = clock.now();
        for (CircuitKey key : List.of(CircuitKey.ofInstance(lane), CircuitKey.ofLane(lane))) {
            switch (circuit(key).at(now)) {
                case Closed _ -> {}
                case HalfOpen(_, Lease lease) when lease != null && lease.owner().equals(worker) ->
                        needed.add(key);
                case HalfOpen _, Open _, Denied _ -> {
                    return List.of();
                }
            }
        }
        return needed;
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
    }

    /** The whole table, as it was just read. */
    synchronized void learn(List<Circuit> rows) {
        Map<CircuitKey, Circuit> table =
                rows.stream().collect(Collectors.toMap(Circuit::key, row -> row));
        table.keySet().forEach(this::page);
        pages.forEach(
                (key, page) -> {
                    Circuit row = table.getOrDefault(key, Circuit.pristine(key));
                    Circuit before = page.here();
                    page.learn(row, settings);
                    show(key, before, page.here());
                });
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
            if (page.here().phase() instanceof Open open) {
                long until = FleetClock.nanos(open.until());
                next = until > nanos ? Math.min(next, until) : next;
            }
        }
        return next;
    }

    private Page page(CircuitKey key) {
        return pages.computeIfAbsent(key, _ -> new Page(Circuit.pristine(key)));
    }

    private void show(CircuitKey key, Circuit before, Circuit after) {
        if (after.phase().equals(before.phase()) && after.cause().equals(before.cause())) {
            return;
        }
        CircuitKey instance = new CircuitKey(key.provider(), key.instance(), null, null);
        for (LaneView view : tenants.getOrDefault(instance, List.of())) {
            if (key.ofInstance() || view.own().equals(key)) {
                Posture posture = Posture.of(circuit(view.instance()), circuit(view.own()));
                view.posture(posture, clock.nanos());
            }
        }
        watch.shown();
    }
}
