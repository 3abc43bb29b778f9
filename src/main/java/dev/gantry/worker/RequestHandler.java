package dev.gantry.worker;

import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Rejection;
import dev.gantry.inference.SuspendedRun;

import org.jspecify.annotations.Nullable;

import java.util.Optional;

/** What is done with a decoded record; intake's way into the worker. */
public interface RequestHandler {
    /**
     * Does the whole job, as far as lanes are to be had; returns when the last call has ended, or
     * when the request has to wait. The completion may come later.
     *
     * @return what is to be resumed once its wait is over; empty: the last call has ended
     */
    Optional<SuspendedRun> work(
            InferenceRequest request, RequestHandle handle, Completion completion)
            throws InterruptedException;

    /**
     * Why a request, right in itself, cannot be used as the worker is configured: it is to be
     * rejected then.
     *
     * @return names the member and what is allowed; null: it can be used
     */
    default @Nullable String objection(InferenceRequest request) {
        return null;
    }

    /**
     * Answers a record that cannot be used: to the dead letters, and to the sender if it can be
     * named.
     */
    void reject(Rejection rejection, Completion completion);
}
