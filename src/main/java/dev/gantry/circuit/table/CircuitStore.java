package dev.gantry.circuit.table;

import dev.gantry.circuit.state.Circuit;
import dev.gantry.circuit.state.WorkerEvidence;
import dev.gantry.inference.CircuitKey;
import dev.gantry.inference.OperatorAct;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/** Where circuits are agreed upon: the fleet's table, or this process alone. */
public interface CircuitStore {
    /**
     * Rows at one moment; a lease whose owner is dead reads as none.
     *
     * @param at on the store's clock
     * @param mark what to read from the next time
     */
    record Snapshot(Instant at, List<Circuit> rows, long mark) {}

    /** Of {@link #read}: every row. */
    long ALL = Long.MIN_VALUE;

    /**
     * A row to be written if it still is as it was seen.
     *
     * @param told whether the fleet must hear of it at once
     */
    record Change(Circuit seen, Circuit next, boolean told) {}

    /**
     * The rows that may have changed since the snapshot with this mark, and those that are leased:
     * a lease ends without a change.
     *
     * @param mark {@link #ALL}: every row
     */
    Snapshot read(long mark);

    /** The ids of the workers that are alive. */
    Set<String> workers();

    /** Answers suspicions: what this worker has seen. */
    void testify(Collection<Testimony> answers);

    /** What the workers have answered so far. */
    List<Testimony> testimonies(Collection<CircuitKey> keys);

    /** A worker's answer to the suspicion of that moment. */
    record Testimony(CircuitKey key, Instant asked, WorkerEvidence evidence) {}

    /** Takes away rows that say no more than that there is none, and answers that nobody needs. */
    void sweep();

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

    /** Sends a notification to this worker itself, to find out whether notifications arrive. */
    void echo();
}
