package dev.gantry.provider;

import dev.gantry.inference.Attempt;
import dev.gantry.inference.Cancellation;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.memory.Hold;

import java.time.Duration;

/** Providers of a single endpoint, to which every call goes. */
record OneEndpoint(Providers all, Endpoint endpoint) implements Provider, AutoCloseable {
    @Override
    public ProviderReply call(
            InferenceRequest request,
            Attempt.Dispatch dispatch,
            Duration timeout,
            Cancellation cancellation,
            Hold hold,
            DeltaSink deltas) {
        return all.at(endpoint).call(request, dispatch, timeout, cancellation, hold, deltas);
    }

    @Override
    public void close() {
        all.close();
    }
}
