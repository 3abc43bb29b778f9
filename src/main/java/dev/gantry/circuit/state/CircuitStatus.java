package dev.gantry.circuit.state;

import dev.gantry.inference.CircuitCause;
import dev.gantry.inference.CircuitKey;
import dev.gantry.inference.StateLabel;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/**
 * A circuit as pages and the command line show it.
 *
 * @param failures within the window, of a closed circuit
 * @param trips remembered: the next cooldown doubles with each
 * @param cause of the present state; of a closed circuit what an operator said, if one closed it
 */
public record CircuitStatus(
        CircuitKey key, State state, double failures, int trips, CircuitCause cause) {
    /** The state as time has made it. */
    public record State(StateLabel name, Instant since, @Nullable Instant until) {}

    public static CircuitStatus of(Circuit circuit, Instant now) {
        CircuitState state = circuit.at(now);
        Instant until = state instanceof CircuitState.Open open ? open.until() : null;
        return new CircuitStatus(
                circuit.key(),
                new State(state.state(), state.since(), until),
                circuit.window().failures() + circuit.window().unknowns(),
                circuit.trips(),
                state instanceof CircuitState.Closed && circuit.cause().kind() != null
                        ? CircuitCause.NONE
                        : circuit.cause());
    }
}
