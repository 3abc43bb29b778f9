package dev.gantry.circuit.state;

import dev.gantry.circuit.state.CircuitState.Closed;
import dev.gantry.circuit.state.CircuitState.Open;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A circuit's move from one state to another; {@code OPEN} to {@code OPEN} where its time changed.
 *
 * @param until of an open circuit, else null
 * @param cause why, and the worker or operator whose statement won
 */
public record Transition(
        CircuitKey key,
        StateLabel from,
        StateLabel to,
        Instant at,
        @Nullable Instant until,
        Cause cause) {

    /** The moves between two rows; a circuit that time has closed may have opened again since. */
    public static List<Transition> between(
            Circuit before, Circuit after, Instant now, String actor) {
        List<Transition> moves = new ArrayList<>();
        CircuitState from = before.state();
        if (from instanceof Open && before.at(now) instanceof Closed closed) {
            Cause cause = new Cause(before.cause().kind(), before.cause().reason(), actor);
            moves.add(of(before.key(), from, closed, cause));
            from = closed;
        }
        CircuitState to = after.state();
        if (from.state() != to.state() || (from instanceof Open && !from.equals(to))) {
            Cause by = after.cause();
            boolean same = by.equals(before.cause());
            Cause cause = same ? new Cause(by.kind(), by.reason(), actor) : by;
            moves.add(of(after.key(), from, to, cause));
        }
        return moves;
    }

    private static Transition of(CircuitKey key, CircuitState from, CircuitState to, Cause cause) {
        Instant until = to instanceof Open open ? open.until() : null;
        return new Transition(key, from.state(), to.state(), to.since(), until, cause);
    }
}
