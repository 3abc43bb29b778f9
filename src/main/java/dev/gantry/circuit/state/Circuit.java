package dev.gantry.circuit.state;

import dev.gantry.circuit.state.CircuitEvent.Absorbed;
import dev.gantry.circuit.state.CircuitEvent.Claimed;
import dev.gantry.circuit.state.CircuitEvent.Counted;
import dev.gantry.circuit.state.CircuitEvent.Disproved;
import dev.gantry.circuit.state.CircuitEvent.Expired;
import dev.gantry.circuit.state.CircuitEvent.Forbidden;
import dev.gantry.circuit.state.CircuitEvent.Judged;
import dev.gantry.circuit.state.CircuitEvent.Merged;
import dev.gantry.circuit.state.CircuitEvent.Opened;
import dev.gantry.circuit.state.CircuitEvent.Order;
import dev.gantry.circuit.state.CircuitEvent.Proved;
import dev.gantry.circuit.state.CircuitEvent.Released;
import dev.gantry.circuit.state.CircuitEvent.Renewed;
import dev.gantry.circuit.state.CircuitEvent.Reset;
import dev.gantry.circuit.state.CircuitEvent.Suspected;
import dev.gantry.circuit.state.CircuitEvent.Tripped;
import dev.gantry.circuit.state.CircuitEvent.Undone;
import dev.gantry.circuit.state.CircuitEvent.Wanted;
import dev.gantry.circuit.state.CircuitState.Closed;
import dev.gantry.circuit.state.CircuitState.Denied;
import dev.gantry.circuit.state.CircuitState.HalfOpen;
import dev.gantry.circuit.state.CircuitState.Open;
import dev.gantry.inference.CircuitCause;
import dev.gantry.inference.CircuitKey;
import dev.gantry.inference.CircuitTransition;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * One row of the table, and every move it may make; pure.
 *
 * @param trips remembered: the next cooldown doubles with each
 * @param window of a closed circuit
 * @param version of the table's row that this is or grew from; 0: there is none
 */
public record Circuit(
        CircuitKey key,
        CircuitState state,
        int trips,
        CircuitCause cause,
        FailureWindow window,
        long version) {

    /** One that has never moved; there is no row for it. */
    public static Circuit pristine(CircuitKey key) {
        return new Circuit(
                key, new Closed(Instant.EPOCH), 0, CircuitCause.NONE, FailureWindow.NONE, 0);
    }

    public Circuit version(long other) {
        return new Circuit(key, state, trips, cause, window, other);
    }

    /** As it stands then: time alone half-opens it, or closes it. */
    public CircuitState at(Instant now) {
        return state.at(now);
    }

    /** The moves to a later row; a circuit that time has closed may have opened again since. */
    public List<CircuitTransition> movesTo(Circuit after, Instant now, String actor) {
        List<CircuitTransition> moves = new ArrayList<>();
        CircuitState from = state;
        if (from instanceof Open && at(now) instanceof Closed closed) {
            moves.add(move(from, closed, cause.by(actor)));
            from = closed;
        }
        CircuitState to = after.state();
        if (from.state() != to.state() || (from instanceof Open && !from.equals(to))) {
            boolean same = after.cause().equals(cause);
            moves.add(move(from, to, same ? cause.by(actor) : after.cause()));
        }
        return moves;
    }

    private CircuitTransition move(CircuitState from, CircuitState to, CircuitCause why) {
        Instant until = to instanceof Open open ? open.until() : null;
        return new CircuitTransition(key, from.state(), to.state(), to.since(), until, why);
    }

    /** The circuit after the event; this very one if the event may not move it. */
    public Circuit after(CircuitEvent event, CircuitSettings settings) {
        CircuitState now = at(event.at());
        return switch (event) {
            case Counted counted when now instanceof Closed closed ->
                    counted(counted, closed, settings);
            case Suspected suspected when now instanceof Closed closed ->
                    suspected(suspected, closed, settings);
            case Judged judged
                    when now instanceof Closed closed
                            && judged.asked().equals(window.suspected()) ->
                    judged(judged, closed, settings);
            case Tripped(Instant at, Instant began, TripFailure trip)
                    when now instanceof Closed closed && !began.isBefore(closed.since()) ->
                    trip.open(this, remembered(closed, at, settings), at, settings);
            case Claimed(Instant at, Lease lease)
                    when now instanceof HalfOpen half && !half.probed(at) ->
                    in(new HalfOpen(half.since(), lease));
            case Proved(Instant at, Lease lease) when heldBy(lease, now) ->
                    new Circuit(key, new Closed(at), trips, cause, window, version);
            case Disproved(Instant at, Lease lease, TripFailure trip) when heldBy(lease, now) ->
                    trip.open(this, trips, at, settings);
            case Renewed(_, Lease lease, Lease next)
                    when heldBy(lease, now) && !wanted((HalfOpen) now) ->
                    in(new HalfOpen(now.since(), next));
            case Wanted(Instant at)
                    when now instanceof HalfOpen half && half.probed(at) && !wanted(half) ->
                    in(half.wanted(at));
            case Released(_, Lease lease) when heldBy(lease, now) ->
                    in(new HalfOpen(now.since(), null));
            case Undone(Instant at, Instant opened)
                    when now instanceof Open && now.since().equals(opened) ->
                    new Circuit(
                            key, new Closed(at), Math.max(0, trips - 1), cause, window, version);
            case Absorbed(Instant at) when !(now instanceof Closed) ->
                    new Circuit(key, new Closed(at), trips, cause, window, version);
            case Expired _ when now instanceof Closed && state instanceof Open -> in(now);
            case Order order -> obey(order);
            case Merged merged -> merged(merged, now);
            default -> this;
        };
    }

    /** An operator is obeyed in every state; only a denial takes a reset first. */
    public Circuit obey(Order order) {
        return switch (order) {
            case Opened(Instant at, Duration time, CircuitCause by)
                    when !(state instanceof Denied) ->
                    moved(new Open(at, at.plus(time), CircuitState.End.PROBE), by);
            case Forbidden(Instant at, CircuitCause by) ->
                    moved(state instanceof Denied ? state : new Denied(at), by);
            case Reset(Instant at, CircuitCause by) when !(state instanceof Closed && trips == 0) ->
                    new Circuit(key, new Closed(at), 0, by, FailureWindow.NONE, version);
            case Opened _, Reset _ -> this;
        };
    }

    private Circuit counted(Counted event, Closed closed, CircuitSettings settings) {
        if (event.began().isBefore(closed.since())) {
            return this;
        }
        FailureWindow next = window.plus(event.batch(), event.at(), settings);
        if (next.trips(settings)) {
            int remembered = remembered(closed, event.at(), settings);
            Circuit knowing = new Circuit(key, closed, trips, cause, next, version);
            return event.trip().open(knowing, remembered, event.at(), settings);
        }
        return new Circuit(key, closed, trips, cause, next, version);
    }

    /** Enough of it is no proof yet: whoever called is asked. */
    private Circuit suspected(Suspected event, Closed closed, CircuitSettings settings) {
        if (event.began().isBefore(closed.since())) {
            return this;
        }
        FailureWindow next = window.plus(event.batch(), event.at(), settings);
        boolean enough = event.own() || next.trips(settings);
        Instant asked = next.suspected() == null && enough ? event.at() : next.suspected();
        return new Circuit(key, closed, trips, cause, next.suspected(asked), version);
    }

    private Circuit judged(Judged event, Closed closed, CircuitSettings settings) {
        Instant at = event.at();
        FailureWindow truth = event.quorum().truth(at);
        if (event.quorum().convicts(event.trip().cause().kind(), settings)) {
            Circuit knowing = new Circuit(key, closed, trips, cause, truth, version);
            return event.trip().open(knowing, remembered(closed, at, settings), at, settings);
        }
        return new Circuit(key, closed, trips, cause, truth.remembered(settings), version);
    }

    private static boolean wanted(HalfOpen half) {
        return half.lease() != null && half.lease().wanted() != null;
    }

    private int remembered(Closed closed, Instant at, CircuitSettings settings) {
        Duration closedFor = Duration.between(closed.since(), at);
        return settings.cooldown(cause.kind(), key).remembered(trips, closedFor);
    }

    private static boolean heldBy(Lease lease, CircuitState now) {
        return now instanceof HalfOpen half && lease.is(half.lease());
    }

    /**
     * The table's denial and later moves of others win; of two benches, the one that lasts longer.
     */
    private Circuit merged(Merged event, CircuitState now) {
        Circuit local = event.local();
        if (version == event.base().version()) {
            return local.equals(this) ? this : local;
        }
        CircuitState here = local.at(event.at());
        boolean wins =
                switch (here) {
                    case Denied _ -> true;
                    case Closed closed ->
                            now instanceof HalfOpen && closed.since().isAfter(now.since());
                    case Open open -> outlasts(open, now);
                    case HalfOpen half ->
                            now instanceof Closed && half.since().isAfter(now.since());
                };
        if (!wins || now instanceof Denied) {
            return this;
        }
        int most = Math.max(trips, local.trips());
        return new Circuit(key, local.state(), most, local.cause(), FailureWindow.NONE, version);
    }

    private static boolean outlasts(Open local, CircuitState now) {
        return switch (now) {
            case Open open -> local.until().isAfter(open.until());
            case HalfOpen _ -> true;
            case Closed closed -> local.since().isAfter(closed.since());
            case Denied _ -> false;
        };
    }

    private Circuit in(CircuitState next) {
        return new Circuit(key, next, trips, cause, window, version);
    }

    private Circuit moved(CircuitState next, CircuitCause by) {
        return new Circuit(key, next, trips, by, FailureWindow.NONE, version);
    }
}
