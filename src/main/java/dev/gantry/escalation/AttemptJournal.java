package dev.gantry.escalation;

import dev.gantry.admission.WaitReason;
import dev.gantry.inference.Attempt;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/**
 * Where the loop says what it is about to do and what came of it; the meter and the audit listen.
 */
public interface AttemptJournal {
    /**
     * Write-ahead metering makes the dispatch durable here.
     *
     * @return whether it may go out; false: not a byte is to be sent
     */
    boolean dispatching(Attempt.Dispatch dispatch) throws InterruptedException;

    /**
     * The request stands in line, holding no slot.
     *
     * @param until when the first of its lanes may reopen; null where that is not known
     */
    void waiting(WaitReason reason, @Nullable Instant until);

    /** The attempt has ended; its final meter and audit leave now. */
    void ended(Attempt attempt);
}
