package dev.gantry.circuit.state;

/**
 * What one worker has seen of a suspected circuit since the suspicion's failures began.
 *
 * @param calls begun, the failed ones among them; a call that still runs has not failed
 */
public record WorkerEvidence(String worker, int calls, int failures, int unknowns) {
    public WorkerEvidence {
        // A failure may be of a call that began before those that are counted.
        calls = Math.max(calls, failures + unknowns);
    }

    public int failed() {
        return failures + unknowns;
    }
}
