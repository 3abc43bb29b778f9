package dev.gantry.circuit;

/**
 * What one worker has seen of a suspected circuit since the suspicion's failures began.
 *
 * @param calls begun, the failed ones among them; a call that still runs has not failed
 */
record Witness(String worker, int calls, int failures, int unknowns) {
    Witness {
        // A failure may be of a call that began before those that are counted.
        calls = Math.max(calls, failures + unknowns);
    }

    int failed() {
        return failures + unknowns;
    }
}
