package dev.gantry.circuit;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/**
 * A circuit as pages and the command line show it.
 *
 * @param failures within the window, of a closed circuit
 * @param trips remembered: the next cooldown doubles with each
 * @param cause of the present state; of a closed circuit, of its last opening
 */
public record CircuitStatus(CircuitKey key, State state, double failures, int trips, Cause cause) {
    /** The state as time has made it. */
    public record State(CircuitState name, Instant since, @Nullable Instant until) {}

    static CircuitStatus of(Circuit circuit, Instant now) {
        Phase phase = circuit.at(now);
        Instant until = phase instanceof Phase.Open open ? open.until() : null;
        return new CircuitStatus(
                circuit.key(),
                new State(phase.state(), phase.since(), until),
                circuit.tally().failures() + circuit.tally().unknowns(),
                circuit.trips(),
                circuit.cause());
    }
}
