package dev.gantry.circuit;

import dev.gantry.circuit.state.FleetClock;
import dev.gantry.circuit.table.CircuitStore;
import dev.gantry.circuit.table.NotificationPayload;

import org.jspecify.annotations.Nullable;

import java.util.random.RandomGenerator;

/**
 * What circuits stand on.
 *
 * @param worker the id of this process
 * @param listening null: nothing to listen to
 */
record Wiring(
        String worker,
        FleetClock clock,
        CircuitStore store,
        @Nullable Listening listening,
        RandomGenerator random) {
    Wiring(String worker, FleetClock clock, CircuitStore store, @Nullable Listening listening) {
        this(worker, clock, store, listening, RandomGenerator.getDefault());
    }

    /** Where news of the table are heard, and how they are told from others. */
    record Listening(ListenSource source, NotificationPayload notification) {}
}
