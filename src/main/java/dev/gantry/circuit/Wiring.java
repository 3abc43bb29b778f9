package dev.gantry.circuit;

import org.jspecify.annotations.Nullable;

/**
 * What circuits stand on.
 *
 * @param worker the id of this process
 * @param listening null: nothing to listen to
 */
record Wiring(String worker, FleetClock clock, CircuitStore store, @Nullable Listening listening) {
    /** Where news of the table are heard, and how they are told from others. */
    record Listening(ListenSource source, Hearsay hearsay) {}
}
