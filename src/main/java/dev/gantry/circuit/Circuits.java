package dev.gantry.circuit;

import dev.gantry.circuit.CircuitFeed.Source;
import dev.gantry.circuit.ClaimedProbes.Claim;
import dev.gantry.circuit.Wiring.Listening;
import dev.gantry.circuit.state.AvailabilityTimeline;
import dev.gantry.circuit.state.Circuit;
import dev.gantry.circuit.state.CircuitScopes;
import dev.gantry.circuit.state.CircuitSettings;
import dev.gantry.circuit.state.CircuitState;
import dev.gantry.circuit.state.CircuitStatus;
import dev.gantry.circuit.state.FleetClock;
import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.circuit.state.LaneFailure;
import dev.gantry.circuit.state.Lease;
import dev.gantry.circuit.state.Opening;
import dev.gantry.circuit.state.OperatorAction;
import dev.gantry.circuit.state.ScopeMembership;
import dev.gantry.circuit.table.CircuitStore;
import dev.gantry.circuit.table.CircuitTable;
import dev.gantry.circuit.table.MemoryStore;
import dev.gantry.circuit.table.NotificationPayload;
import dev.gantry.fleet.DatabaseSettings;
import dev.gantry.fleet.WorkerName;
import dev.gantry.inference.CircuitKey;
import dev.gantry.inference.CircuitTransition;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.OperatorAct;
import dev.gantry.inference.StateLabel;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

import javax.sql.DataSource;

/** What this worker knows of the lanes, from memory; the fleet's table behind it. */
public final class Circuits implements AutoCloseable {
    /** A read of the table takes some milliseconds; a database that hangs is not waited for. */
    private static final Duration OBEYED_WITHIN = Duration.ofSeconds(1);

    /** Outlives the longest probe, 60 s. */
    private static final Duration OWN_PROBE = Duration.ofSeconds(75);

    private static final LaneAvailability GONE = new LaneAvailability.Gone();

    private final CircuitScopes scopes;
    private final Wiring wiring;
    private final CircuitKeeper keeper;
    private final CircuitAdmin admin;
    private final CircuitCache cache;

    /** The source of the view as status() last saw it; guarded by this. */
    private Source source;

    private Instant since;

    Circuits(CircuitSettings settings, Collection<ScopeMembership> members, Wiring wiring) {
        this.scopes = new CircuitScopes(members);
        this.wiring = wiring;
        this.keeper = new CircuitKeeper(settings, scopes, wiring);
        this.admin = new CircuitAdmin(wiring.store());
        this.cache = keeper.cache();
        this.source = source();
        this.since = now();
    }

    /** Shared with the fleet through the table, which must exist when it is started. */
    public static Circuits shared(
            CircuitSettings settings,
            Collection<ScopeMembership> members,
            WorkerName worker,
            DataSource dataSource,
            DatabaseSettings database,
            InstantSource clock) {
        Listening listening =
                new Listening(
                        new ListenSource(dataSource, database.listenUrl()),
                        new NotificationPayload(database.schema(), worker.id()));
        CircuitStore store = new CircuitTable(dataSource, database.schema(), worker.id());
        FleetClock fleet = new FleetClock(System::nanoTime, clock.instant());
        return new Circuits(settings, members, new Wiring(worker.id(), fleet, store, listening));
    }

    /** Of this process alone, by its own clock. */
    public static Circuits localOnly(
            CircuitSettings settings, Collection<ScopeMembership> members, InstantSource clock) {
        FleetClock own = new FleetClock(() -> FleetClock.nanos(clock.instant()), clock.instant());
        MemoryStore store = new MemoryStore(clock);
        store.join("local");
        return new Circuits(settings, members, new Wiring("local", own, store, null));
    }

    /**
     * Another catalogue: failures reach as far as these say from now on, and a lane that is no
     * longer among them is gone. What is known of all others stays as it is.
     */
    public synchronized void offer(Collection<ScopeMembership> members) {
        scopes.replace(members);
        cache.offer(scopes.lanes(), scopes.keys());
        keeper.suspicions().keep(scopes.keys());
    }

    /**
     * Has another channel of the database listened to on the connection that is there anyway;
     * before the start. What is told while it is broken is not heard.
     */
    public void hear(String channel, Consumer<String> payload) {
        keeper.hear(channel, payload);
    }

    /** Once. Until then the view is empty: every lane is admitted. */
    public void start() {
        keeper.start();
    }

    /** Gives back what this worker has claimed and no request has taken. */
    @Override
    public void close() {
        keeper.close();
    }

    /** Stops as a killed process does: nothing is given back. */
    void abandon() {
        keeper.abandon();
    }

    /**
     * Reads memory only: no lock, no allocation (a lane's availability is made when its circuit
     * changes, and by time when it passes).
     */
    public LaneAvailability availability(LaneId lane) {
        LaneView view = cache.lane(lane);
        if (view.gone()) {
            return GONE;
        }
        AvailabilityTimeline timeline = view.timeline();
        return timeline.lasting() ? timeline.last() : timeline.at(wiring.clock().nanos());
    }

    /**
     * Somebody would call the lane now: only a wanted lane is probed. Memory only; nothing is noted
     * of a lane that takes calls anyway.
     */
    public void wanted(LaneId lane) {
        LaneView view = cache.lane(lane);
        AvailabilityTimeline timeline = view.timeline();
        if (view.gone()) {
            return;
        }
        if (timeline.lasting() && timeline.last() instanceof LaneAvailability.Admitted) {
            return;
        }
        long nanos = wiring.clock().nanos();
        if (view.ask(nanos) && timeline.at(nanos) instanceof LaneAvailability.HalfOpen) {
            keeper.hasten();
        }
    }

    /** The fleet's (database's) clock, estimated; take it when a call begins. */
    public Instant now() {
        return wiring.clock().now();
    }

    /**
     * A call goes out to the lane now; the failure ratio is of these. Counted as they begin,
     * because failures are quick and successes slow: of a hundred calls just sent, the first three
     * to end may be the only three to fail. No SQL, no lock.
     */
    public void called(LaneId lane) {
        keeper.outcomeReports().called(lane);
    }

    /**
     * A call that began then was given up for another: nobody knows how it would have ended, so it
     * is no call of the failure ratio. No SQL, no lock.
     */
    public void uncalled(LaneId lane, Instant began) {
        keeper.outcomeReports().uncalled(lane, began);
    }

    /**
     * A call that began then has failed. One-hit kinds bench the lane on this worker before this
     * returns; the table follows at once. Never blocks on the database.
     *
     * <p>One request counts once per lane, however often it retried there: the caller reports the
     * last of its tries. Calls on a {@link Probe} are reported to it alone.
     *
     * @return what it opened for the fleet at once; null: nothing
     */
    public @Nullable Opening failed(LaneId lane, Instant began, LaneFailure failure) {
        return keeper.outcomeReports().failed(lane, began, failure);
    }

    /** A call has done its work. Memory only; no lock. */
    public void answered(LaneId lane) {
        keeper.outcomeReports().answered(lane);
    }

    /** Whether a call to the lane, or to another one of its instance, has done its work since. */
    public boolean well(LaneId lane, Instant since, WellAs as) {
        long from = FleetClock.nanos(since);
        return switch (as) {
            case LANE -> cache.lane(lane).answeredAt() > from;
            case INSTANCE ->
                    cache.lanes().stream()
                            .filter(each -> each.instance().equals(CircuitKey.ofInstance(lane)))
                            .anyMatch(each -> each.answeredAt() > from);
        };
    }

    /** What does well. */
    public enum WellAs {
        LANE,
        INSTANCE
    }

    /**
     * A request was to blame for what its failure opened: it closes again, where it is still so.
     */
    public void undo(Opening opening) {
        keeper.outcomeReports().undo(opening);
    }

    /**
     * The instances whose calls fail on this worker and do well on others: this worker's network,
     * or its key file.
     */
    public Set<String> contradicted() {
        return keeper.suspicions().contradicted();
    }

    /** Those of them that take no calls here now, not even to find out. */
    public Set<String> cutOff() {
        Instant now = now();
        Set<String> cut = new TreeSet<>();
        for (Circuit own : cache.owns()) {
            String instance = own.key().provider() + ":" + own.key().instance();
            if (own.at(now) instanceof CircuitState.Open && contradicted().contains(instance)) {
                cut.add(instance);
            }
        }
        return cut;
    }

    /** One pass of the background loops, for whoever keeps the time by hand. */
    void pass() {
        keeper.pass();
    }

    /** The table has changed. */
    void news() {
        keeper.news();
    }

    /**
     * Takes the claim to probe, if this worker has claimed one for this lane and nobody took it.
     * Memory only.
     */
    public @Nullable Probe probe(LaneId lane) {
        if (!probesReady()) {
            return null;
        }
        CircuitCache.Probed needed = cache.probed(lane);
        List<Claim> claims = needed == null ? null : claims(needed);
        return claims == null ? null : new LaneProbe(lane, claims, keeper.outcomeReports());
    }

    private @Nullable List<Claim> claims(CircuitCache.Probed needed) {
        Lease lease = new Lease(wiring.worker(), now(), now().plus(OWN_PROBE));
        if (!cache.claimOwn(needed.own(), lease)) {
            return null;
        }
        List<Claim> own =
                needed.own().stream()
                        .map(key -> new Claim(key, lease, ClaimedProbes.Holder.WORKER))
                        .toList();
        List<Claim> taken = keeper.claimed().take(needed.fleets());
        if (taken == null) {
            keeper.outcomeReports().released(own);
            return null;
        }
        taken.addAll(own);
        return taken;
    }

    /**
     * Cheap (one volatile read): whether any claim lies ready here, so that callers may look for
     * its lane first.
     */
    public boolean probesReady() {
        return keeper.claimed().ready() || cache.ownProbeDue(wiring.clock().nanos());
    }

    /**
     * Called (on a background thread) after the view has changed, a circuit's time has come, or a
     * claim has become ready; must return quickly.
     */
    public void onChange(Runnable listener) {
        keeper.onChange(listener);
    }

    /**
     * Called once per transition, fleet-wide, by the worker whose statement won; while the database
     * is away, by each worker for its own.
     */
    public void onTransition(Consumer<CircuitTransition> listener) {
        keeper.transitionLog().add(listener);
    }

    /** Set once, before the start: publishes what operators did, here or on the command line. */
    public void onAct(ActListener listener) {
        keeper.acts().listener(listener);
    }

    /** How a lane stands, both its circuits together; says nothing of the lane being wanted. */
    public StateLabel state(LaneId lane) {
        Instant now = now();
        StateLabel instance = cache.circuit(CircuitKey.ofInstance(lane)).at(now).state();
        StateLabel worst = instance;
        for (StateLabel each :
                List.of(
                        cache.circuit(CircuitKey.ofLane(lane)).at(now).state(),
                        cache.own(CircuitKey.ofInstance(lane)).at(now).state(),
                        cache.own(CircuitKey.ofLane(lane)).at(now).state())) {
            worst = each.holdsBackMoreThan(worst) ? each : worst;
        }
        return worst;
    }

    /** Where the view comes from; for readiness and pages. */
    public synchronized CircuitFeed status() {
        Source current = source();
        if (current != source) {
            source = current;
            since = now();
        }
        return new CircuitFeed(
                current,
                since,
                keeper.sync().age(),
                current == Source.AWAY ? keeper.sync().trouble() : null,
                cache.unsynced());
    }

    /** Every circuit of the catalogue, and those that ever moved; from memory. */
    public List<CircuitStatus> rows() {
        Instant now = now();
        return known().stream()
                .map(cache::circuit)
                .map(circuit -> CircuitStatus.of(circuit, now))
                .toList();
    }

    /** Circuits that this worker alone holds back, or probes; from memory. */
    public List<CircuitStatus> own() {
        Instant now = now();
        return cache.owns().stream().map(circuit -> CircuitStatus.of(circuit, now)).toList();
    }

    /**
     * Does what an operator wants, fleet-wide, and waits a moment until it holds here. Returns the
     * transitions: none if nothing had to move.
     *
     * @throws IllegalArgumentException if no circuit is meant
     * @throws org.springframework.dao.DataAccessException if the database does not answer
     */
    public List<CircuitTransition> operate(OperatorAction action) {
        Set<CircuitKey> known = known();
        if (action.target().among(known).isEmpty()) {
            throw new IllegalArgumentException(
                    "target %s: no such circuit%s"
                            .formatted(
                                    action.target().value(),
                                    action.target()
                                            .nearest(known)
                                            .map(near -> "; nearest is " + near.value())
                                            .orElse("")));
        }
        List<OperatorAct> acts = admin.acts(action, known, wiring.worker());
        long done = wiring.clock().ticks();
        keeper.news();
        awaitKnown(done);
        acts.forEach(keeper.acts()::tell);
        return acts.stream().flatMap(act -> act.moves().stream()).toList();
    }

    /** Whoever has been told that it is done finds it done on this worker. */
    private void awaitKnown(long ticks) {
        try {
            keeper.sync().awaitKnown(ticks, OBEYED_WITHIN);
        } catch (InterruptedException _) {
            // It is written; all that is cut short is the wait.
            Thread.currentThread().interrupt();
        }
    }

    private Set<CircuitKey> known() {
        Set<CircuitKey> known = new TreeSet<>(Comparator.comparing(CircuitKey::value));
        known.addAll(scopes.keys());
        cache.circuits().forEach(circuit -> known.add(circuit.key()));
        return known;
    }

    private Source source() {
        if (wiring.listening() == null) {
            return Source.LOCAL;
        }
        if (!keeper.sync().reachable()) {
            return Source.AWAY;
        }
        return keeper.check().hears() ? Source.NOTIFY : Source.POLL_ONLY;
    }
}
