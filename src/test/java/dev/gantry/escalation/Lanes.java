package dev.gantry.escalation;

import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.state.CircuitSettings;

import java.time.InstantSource;
import java.util.List;

/** The circuits of tests without a database. */
final class Lanes {
    private Lanes() {}

    /** As shipped, of one process alone. */
    static Circuits circuits(InstantSource clock) {
        return Circuits.localOnly(CircuitSettings.DEFAULT, List.of(), clock);
    }
}
