package dev.gantry.circuit;

import dev.gantry.circuit.ClaimedProbes.Claim;
import dev.gantry.circuit.state.CircuitEvent;
import dev.gantry.circuit.state.CircuitEvent.Counted;
import dev.gantry.circuit.state.CircuitEvent.Disproved;
import dev.gantry.circuit.state.CircuitEvent.Proved;
import dev.gantry.circuit.state.CircuitEvent.Released;
import dev.gantry.circuit.state.CircuitEvent.Suspected;
import dev.gantry.circuit.state.CircuitEvent.Tripped;
import dev.gantry.circuit.state.CircuitEvent.Undone;
import dev.gantry.circuit.state.CircuitScopes;
import dev.gantry.circuit.state.CircuitSettings;
import dev.gantry.circuit.state.CircuitState;
import dev.gantry.circuit.state.FailureWeight;
import dev.gantry.circuit.state.FailureWindow;
import dev.gantry.circuit.state.FleetClock;
import dev.gantry.circuit.state.LaneFailure;
import dev.gantry.circuit.state.Opening;
import dev.gantry.circuit.state.TripFailure;
import dev.gantry.inference.CircuitCause;
import dev.gantry.inference.CircuitKey;
import dev.gantry.inference.LaneId;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.random.RandomGenerator;

/** Turns what came of calls into what moves circuits; memory only. */
final class OutcomeReports {
    private final CircuitCache cache;
    private final CircuitSettings settings;
    private final CircuitScopes scopes;
    private final FleetClock clock;
    private final String worker;
    private final RandomGenerator random;
    private final Runnable urgent;

    /** Lanes that may have failures to report; one may be named twice. */
    private final Queue<LaneView> failing = new ConcurrentLinkedQueue<>();

    OutcomeReports(
            CircuitCache cache,
            CircuitScopes scopes,
            FleetClock clock,
            String worker,
            RandomGenerator random,
            Runnable urgent) {
        this.cache = cache;
        this.settings = cache.settings();
        this.scopes = scopes;
        this.clock = clock;
        this.worker = worker;
        this.random = random;
        this.urgent = urgent;
    }

    /** Moves circuits by what has failed; returns the nanoseconds until more may be reported. */
    long collect() {
        long rest = Long.MAX_VALUE;
        for (int left = failing.size(); left > 0; left--) {
            LaneView lane = failing.remove();
            long nanos = clock.nanos();
            if (lane.rest(nanos) > 0) {
                rest = Math.min(rest, lane.rest(nanos));
                failing.add(lane);
            } else {
                report(lane, nanos);
            }
        }
        return rest;
    }

    private void report(LaneView lane, long nanos) {
        Counted failures = lane.report(nanos);
        if (failures == null || lane.gone()) {
            return;
        }
        boolean opened = cache.applyOwn(List.of(lane.own()), failures) && open(lane.own());
        if (opened || failures.batch().suspicious()) {
            suspect(lane.own(), failures, opened);
        }
    }

    private boolean open(CircuitKey key) {
        return cache.own(key).state() instanceof CircuitState.Open;
    }

    private void suspect(CircuitKey key, Counted failures, boolean own) {
        CircuitEvent event =
                new Suspected(
                        failures.at(), failures.began(), failures.batch(), failures.trip(), own);
        cache.apply(List.of(key), event);
    }

    void called(LaneId lane) {
        cache.lane(lane).called(clock.nanos());
    }

    void uncalled(LaneId lane, Instant began) {
        cache.lane(lane).uncalled(FleetClock.nanos(began));
    }

    void answered(LaneId lane) {
        cache.lane(lane).answered(clock.nanos());
    }

    /** What it opened for the fleet; null: nothing. */
    @Nullable Opening failed(LaneId lane, Instant began, LaneFailure told) {
        if (cache.lane(lane).gone()) {
            return null;
        }
        LaneFailure failure = scopes.judged(lane, told);
        switch (FailureWeight.of(failure)) {
            case NOTHING -> {}
            case ONE_HIT -> {
                return trip(lane, began, failure);
            }
            case PACE -> refused(lane, began, failure);
            case SUSPECTED -> denied(lane, began, failure);
            case COUNTED -> {
                LaneView view = cache.lane(lane);
                if (view.failed(clock.now(), began, trip(failure))) {
                    failing.add(view);
                    urgent.run();
                }
            }
        }
        return null;
    }

    /** A limit that names no time: the pace is lowered elsewhere, and here the lane may rest. */
    private void refused(LaneId lane, Instant began, LaneFailure failure) {
        boolean dominant =
                cache.lane(lane).recent().refused(clock.nanos(), settings.failureThreshold());
        if (dominant) {
            CircuitEvent event = new Tripped(clock.now(), began, trip(failure));
            cache.applyOwn(scopes.reached(lane, failure), event);
        }
    }

    /** The key here may be older than the others' keys. */
    private void denied(LaneId lane, Instant began, LaneFailure failure) {
        cache.lane(lane).recent().denied(clock.nanos());
        TripFailure trip = trip(failure);
        Instant now = clock.now();
        for (CircuitKey key : scopes.reached(lane, failure)) {
            if (cache.applyOwn(List.of(key), new Tripped(now, began, trip))) {
                suspect(key, new Counted(now, began, new FailureWindow.Batch(0, 1, 0), trip), true);
            }
        }
        urgent.run();
    }

    void undo(Opening opening) {
        if (cache.apply(opening.keys(), new Undone(clock.now(), opening.at()))) {
            urgent.run();
        }
    }

    void proved(List<Claim> claims) {
        for (Claim claim : claims) {
            apply(claim, new Proved(clock.now(), claim.lease()));
        }
        urgent.run();
    }

    /**
     * A failure of the probed circuit's own reach keeps it open. One that benches more, or less,
     * goes where it belongs: an unknown model proves the key, a dead key says nothing of the model.
     */
    void disproved(LaneId lane, List<Claim> claims, LaneFailure failure) {
        switch (FailureWeight.of(failure)) {
            case NOTHING -> released(claims);
            case COUNTED -> countedOf(lane, claims, failure);
            case ONE_HIT, PACE, SUSPECTED -> {
                List<CircuitKey> reached = scopes.reached(lane, failure);
                claims.forEach(claim -> judge(claim, reached, failure));
                failed(lane, clock.now(), failure);
            }
        }
        urgent.run();
    }

    private boolean apply(Claim claim, CircuitEvent event) {
        List<CircuitKey> key = List.of(claim.key());
        return switch (claim.holder()) {
            case FLEET -> cache.apply(key, event);
            case WORKER -> cache.applyOwn(key, event);
        };
    }

    /** It is the lane's alone: of the instance it says nothing, and another lane may probe it. */
    private void countedOf(LaneId lane, List<Claim> claims, LaneFailure failure) {
        boolean laneProbed = false;
        for (Claim claim : claims) {
            if (claim.key().ofInstance()) {
                released(List.of(claim));
            } else {
                disproved(claim, failure);
                laneProbed = true;
            }
        }
        if (!laneProbed) {
            failed(lane, clock.now(), failure);
        }
    }

    void released(List<Claim> claims) {
        for (Claim claim : claims) {
            apply(claim, new Released(clock.now(), claim.lease()));
        }
        urgent.run();
    }

    private void judge(Claim claim, List<CircuitKey> reached, LaneFailure failure) {
        if (reached.contains(claim.key())) {
            disproved(claim, failure);
        } else if (claim.key().ofInstance()) {
            proved(List.of(claim));
        } else {
            released(List.of(claim));
        }
    }

    private void disproved(Claim claim, LaneFailure failure) {
        Instant now = clock.now();
        TripFailure trip = trip(failure);
        boolean own = claim.holder() == ClaimedProbes.Holder.WORKER;
        if (apply(claim, new Disproved(now, claim.lease(), trip)) && own && failure.counted()) {
            // The others may see it by now.
            suspect(
                    claim.key(),
                    new Counted(now, now, new FailureWindow.Batch(0, 1, 0), trip),
                    true);
        }
    }

    private @Nullable Opening trip(LaneId lane, Instant began, LaneFailure failure) {
        Instant now = clock.now();
        List<CircuitKey> reached = scopes.reached(lane, failure);
        if (!cache.apply(reached, new Tripped(now, began, trip(failure)))) {
            return null;
        }
        urgent.run();
        return new Opening(reached, now);
    }

    private TripFailure trip(LaneFailure failure) {
        CircuitCause cause = new CircuitCause(failure.kind(), failure.reason(), worker);
        return new TripFailure(cause, failure.retryAfter(), random.nextDouble(-1, 1));
    }
}
