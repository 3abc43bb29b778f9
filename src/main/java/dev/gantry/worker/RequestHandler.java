package dev.gantry.worker;

import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Rejection;

/** What is done with a decoded record; intake's way into the worker. */
public interface RequestHandler {
    /**
     * Does the whole job, as far as lanes are to be had; returns when the last call has ended, or
     * when the request has to wait. The completion may come later.
     */
    Stage work(InferenceRequest request, Flight flight, Completion completion)
            throws InterruptedException;

    /**
     * Goes on with a request whose wait is over.
     *
     * @param request the same request, with the same execution, perhaps read again
     */
    Stage resume(InferenceRequest request, Parked parked, Flight flight, Completion completion)
            throws InterruptedException;

    /**
     * Answers a record that cannot be used: to the dead letters, and to the sender if it can be
     * named.
     */
    void reject(Rejection rejection, Completion completion);
}
