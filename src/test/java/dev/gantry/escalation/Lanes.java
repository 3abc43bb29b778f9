package dev.gantry.escalation;

import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.state.CircuitSettings;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/** The circuits of tests without a database. */
final class Lanes {
    private Lanes() {}

    /** As shipped, of one process alone. */
    static Circuits circuits(InstantSource clock) {
        return Circuits.localOnly(
                new CircuitSettings(
                        3,
                        0.5,
                        Duration.ofSeconds(60),
                        Duration.ofSeconds(15),
                        Duration.ofMinutes(10),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(60),
                        Duration.ofMinutes(5),
                        Duration.ofHours(1)),
                List.of(),
                clock);
    }
}
