package dev.gantry.escalation;

import dev.gantry.inference.Attempt;

/**
 * Where the loop says what it is about to do and what came of it; the meter and the audit listen.
 */
public interface AttemptJournal {
    /** Returns once the dispatch may go out: write-ahead metering makes it durable here. */
    void dispatching(Attempt.Dispatch dispatch) throws InterruptedException;

    /** The attempt has ended; its final meter and audit leave now. */
    void ended(Attempt attempt);
}
