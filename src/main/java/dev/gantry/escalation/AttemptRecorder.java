package dev.gantry.escalation;

import dev.gantry.admission.WaitReason;
import dev.gantry.budget.Exceeded;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptFate;
import dev.gantry.inference.Cancellation;
import dev.gantry.inference.Chunk;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.RaceEvent;
import dev.gantry.metering.Cost;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/**
 * Where the loop says what it is about to do and what came of it; the meter and the audit listen.
 * It outlives a wait, so it keeps no request. The second call of a race says {@link #dispatching}
 * and {@link #chunk} on its own thread; all else is said by the request's.
 */
public interface AttemptRecorder {
    /**
     * Write-ahead metering makes the dispatch durable here.
     *
     * @param cancellation of this call: ends the wait, the call then sends nothing
     * @return whether it may go out; false: not a byte is to be sent
     */
    boolean dispatching(
            InferenceRequest request, Attempt.Dispatch dispatch, Cancellation cancellation)
            throws InterruptedException;

    /**
     * The request stands in line, holding no slot.
     *
     * @param until when the first of its lanes may reopen; null where that is not known
     */
    void waiting(InferenceRequest request, WaitReason reason, @Nullable Instant until);

    /**
     * A cap was passed.
     *
     * @param call that it has stopped, or that is made all the same
     */
    void capped(InferenceRequest request, Attempt.Dispatch call, Exceeded exceeded);

    /** A second call has joined one under way, or one of the two was first. */
    void raced(InferenceRequest request, RaceEvent event);

    /**
     * The attempt has ended and it is decided what it was; its final meter and audit leave now.
     *
     * @return what it has cost
     */
    Cost ended(InferenceRequest request, Attempt attempt, AttemptFate fate);

    /**
     * A piece of the answer has come; on the call's own thread.
     *
     * @return false: it is lost, nobody was told
     */
    default boolean chunk(InferenceRequest request, Chunk chunk) {
        return false;
    }

    /** The request has ended; its slot is free, its answer's memory still held. */
    void concluded(Conclusion conclusion);
}
