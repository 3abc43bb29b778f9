package dev.gantry.worker;

import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Rejection;

/** What is done with a decoded record; intake's way into the worker. */
public interface RequestHandler {
    /** Does the whole job; returns when the last call has ended. The completion may come later. */
    void work(InferenceRequest request, Flight flight, Completion completion)
            throws InterruptedException;

    /**
     * Answers a record that cannot be used: to the dead letters, and to the sender if it can be
     * named.
     */
    void reject(Rejection rejection, Completion completion);
}
