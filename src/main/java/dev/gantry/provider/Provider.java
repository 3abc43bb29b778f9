package dev.gantry.provider;

import dev.gantry.inference.Attempt;
import dev.gantry.inference.Cancellation;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.memory.Hold;

import java.time.Duration;

/** Makes one call to one lane; never retries. Crossing point to the dialects. */
public interface Provider {
    /**
     * Calls the dispatch's lane and reads the answer to its end.
     *
     * @param timeout connect to last byte; greater than zero
     * @param cancellation closes the connection when cancelled
     * @param hold what the answer takes of the worker's memory; empty unless there is a whole
     *     answer
     * @param deltas told of the answer as it comes: its head, and its deltas if the request asks
     *     for a stream
     */
    ProviderReply call(
            InferenceRequest request,
            Attempt.Dispatch dispatch,
            Duration timeout,
            Cancellation cancellation,
            Hold hold,
            DeltaSink deltas);
}
