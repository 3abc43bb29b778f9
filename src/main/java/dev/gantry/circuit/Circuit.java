package dev.gantry.circuit;

import dev.gantry.circuit.Event.Absorbed;
import dev.gantry.circuit.Event.Claimed;
import dev.gantry.circuit.Event.Counted;
import dev.gantry.circuit.Event.Disproved;
import dev.gantry.circuit.Event.Expired;
import dev.gantry.circuit.Event.Forbidden;
import dev.gantry.circuit.Event.Judged;
import dev.gantry.circuit.Event.Merged;
import dev.gantry.circuit.Event.Opened;
import dev.gantry.circuit.Event.Order;
import dev.gantry.circuit.Event.Proved;
import dev.gantry.circuit.Event.Released;
import dev.gantry.circuit.Event.Renewed;
import dev.gantry.circuit.Event.Reset;
import dev.gantry.circuit.Event.Suspected;
import dev.gantry.circuit.Event.Tripped;
import dev.gantry.circuit.Event.Undone;
import dev.gantry.circuit.Event.Wanted;
import dev.gantry.circuit.Phase.Closed;
import dev.gantry.circuit.Phase.Denied;
import dev.gantry.circuit.Phase.HalfOpen;
import dev.gantry.circuit.Phase.Open;

import java.time.Duration;
import java.time.Instant;

/**
 * One row of the table, and every move it may make; pure.
 *
 * @param trips remembered: the next cooldown doubles with each
 * @param tally of a closed circuit
 * @param version of the table's row that this is or grew from; 0: there is none
 */
record Circuit(CircuitKey key, Phase phase, int trips, Cause cause, Tally tally, long version) {

    /** One that has never moved; there is no row for it. */
    static Circuit pristine(CircuitKey key) {
        return new Circuit(key, new Closed(Instant.EPOCH), 0, Cause.NONE, Tally.NONE, 0);
    }

    Circuit version(long other) {
        return new Circuit(key, phase, trips, cause, tally, other);
    }

    /** As it stands then: time alone half-opens it, or closes it. */
    Phase at(Instant now) {
        return phase.at(now);
    }

    /** The circuit after the event; this very one if the event may not move it. */
    Circuit after(Event event, CircuitSettings settings) {
        Phase now = at(event.at());
        return switch (event) {
            case Counted counted when now instanceof Closed closed ->
                    counted(counted, closed, settings);
            case Suspected suspected when now instanceof Closed closed ->
                    suspected(suspected, closed, settings);
            case Judged judged
                    when now instanceof Closed closed && judged.asked().equals(tally.suspected()) ->
                    judged(judged, closed, settings);
            case Tripped(Instant at, Instant began, Setback setback)
                    when now instanceof Closed closed && !began.isBefore(closed.since()) ->
                    setback.open(this, remembered(closed, at, settings), at, settings);
            case Claimed(Instant at, Lease lease)
                    when now instanceof HalfOpen half && !half.probed(at) ->
                    in(new HalfOpen(half.since(), lease));
            case Proved(Instant at, Lease lease) when heldBy(lease, now) ->
                    new Circuit(key, new Closed(at), trips, cause, tally, version);
            case Disproved(Instant at, Lease lease, Setback setback) when heldBy(lease, now) ->
                    setback.open(this, trips, at, settings);
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
                    new Circuit(key, new Closed(at), Math.max(0, trips - 1), cause, tally, version);
            case Absorbed(Instant at) when !(now instanceof Closed) ->
                    new Circuit(key, new Closed(at), trips, cause, tally, version);
            case Expired _ when now instanceof Closed && phase instanceof Open -> in(now);
            case Order order -> obey(order);
            case Merged merged -> merged(merged, now);
            default -> this;
        };
    }

    /** An operator is obeyed in every state; only a denial takes a reset first. */
    Circuit obey(Order order) {
        return switch (order) {
            case Opened(Instant at, Duration time, Cause by) when !(phase instanceof Denied) ->
                    moved(new Open(at, at.plus(time), Phase.End.PROBE), by);
            case Forbidden(Instant at, Cause by) ->
                    moved(phase instanceof Denied ? phase : new Denied(at), by);
            case Reset(Instant at, Cause by) when !(phase instanceof Closed && trips == 0) ->
                    new Circuit(key, new Closed(at), 0, by, Tally.NONE, version);
            case Opened _, Reset _ -> this;
        };
    }

    private Circuit counted(Counted event, Closed closed, CircuitSettings settings) {
        if (event.began().isBefore(closed.since())) {
            return this;
        }
        Tally next = tally.plus(event.batch(), event.at(), settings);
        if (next.trips(settings)) {
            int remembered = remembered(closed, event.at(), settings);
            Circuit knowing = new Circuit(key, closed, trips, cause, next, version);
            return event.setback().open(knowing, remembered, event.at(), settings);
        }
        return new Circuit(key, closed, trips, cause, next, version);
    }

    /** Enough of it is no proof yet: whoever called is asked. */
    private Circuit suspected(Suspected event, Closed closed, CircuitSettings settings) {
        if (event.began().isBefore(closed.since())) {
            return this;
        }
        Tally next = tally.plus(event.batch(), event.at(), settings);
        boolean enough = event.own() || next.trips(settings);
        Instant asked = next.suspected() == null && enough ? event.at() : next.suspected();
        return new Circuit(key, closed, trips, cause, next.suspected(asked), version);
    }

    private Circuit judged(Judged event, Closed closed, CircuitSettings settings) {
        Instant at = event.at();
        Tally truth = event.quorum().truth(at);
        if (event.quorum().convicts(event.setback().cause().kind(), settings)) {
            Circuit knowing = new Circuit(key, closed, trips, cause, truth, version);
            return event.setback().open(knowing, remembered(closed, at, settings), at, settings);
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

    private static boolean heldBy(Lease lease, Phase now) {
        return now instanceof HalfOpen half && lease.is(half.lease());
    }

    /**
     * The table's denial and later moves of others win; of two benches, the one that lasts longer.
     */
    private Circuit merged(Merged event, Phase now) {
        Circuit local = event.local();
        if (version == event.base().version()) {
            return local.equals(this) ? this : local;
        }
        Phase here = local.at(event.at());
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
        return new Circuit(key, local.phase(), most, local.cause(), Tally.NONE, version);
    }

    private static boolean outlasts(Open local, Phase now) {
        return switch (now) {
            case Open open -> local.until().isAfter(open.until());
            case HalfOpen _ -> true;
            case Closed closed -> local.since().isAfter(closed.since());
            case Denied _ -> false;
        };
    }

    private Circuit in(Phase next) {
        return new Circuit(key, next, trips, cause, tally, version);
    }

    private Circuit moved(Phase next, Cause by) {
        return new Circuit(key, next, trips, by, Tally.NONE, version);
    }
}
