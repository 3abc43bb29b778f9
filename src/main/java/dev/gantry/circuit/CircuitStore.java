package dev.gantry.circuit;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.Collection;
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

    /**
     * Writes like {@link #replace}, and in the same statement what the operator did: as much of it
     * as came about, or that nothing had to change.
     *
     * @param teller who publishes it; null: whoever claims it
     */
    Set<CircuitKey> obey(List<Change> changes, OperatorAct act, @Nullable String teller);

    /** Takes the acts that nobody is telling. */
    List<OperatorAct> claimActs(String teller);

    /** Goes on telling. */
    void renewActs(Collection<String> ids, String teller);

    /** They are told. */
    void forgetActs(Collection<String> ids);

    /** Sends an echo to this worker's own ear, to find out whether notifications arrive. */
    void echo();
}
