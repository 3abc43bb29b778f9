package dev.gantry.circuit;

import java.time.Instant;
import java.util.List;
import java.util.Set;

/** Where circuits are agreed upon: the fleet's table, or this process alone. */
interface CircuitStore {
    /**
     * All rows at one moment; a lease whose owner is dead reads as none.
     *
     * @param at on the store's clock
     */
    record Snapshot(Instant at, List<Circuit> rows) {}

    /**
     * A row to be written if it still is as it was seen.
     *
     * @param told whether the fleet must hear of it at once
     */
    record Change(Circuit seen, Circuit next, boolean told) {}

    Snapshot read();

    /** Writes the rows that nobody has changed meanwhile, and says which: all in one statement. */
    Set<CircuitKey> replace(List<Change> changes);

    /** Sends an echo to this worker's own ear, to find out whether notifications arrive. */
    void echo();
}
