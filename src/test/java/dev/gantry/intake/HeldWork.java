package dev.gantry.intake;

import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Rejection;
import dev.gantry.inference.SourcePosition;
import dev.gantry.inference.SuspendedRun;
import dev.gantry.worker.Completion;
import dev.gantry.worker.RequestHandle;
import dev.gantry.worker.RequestHandler;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Holds every request until the test completes it by hand, whatever became of its partition. */
public final class HeldWork implements RequestHandler {
    private final Map<String, Completion> held = new ConcurrentHashMap<>();

    @Override
    public Optional<SuspendedRun> work(
            InferenceRequest request, RequestHandle handle, Completion completion) {
        held.put(request.source().toString(), completion);
        return Optional.empty();
    }

    @Override
    public void reject(Rejection rejection, Completion completion) {
        throw new AssertionError(rejection.message());
    }

    int count() {
        return held.size();
    }

    boolean holds(String topic, int partition, long offset) {
        return held.containsKey(new SourcePosition(topic, partition, offset, 0).toString());
    }

    void complete(String topic, int partition, long offset) {
        Completion completion =
                held.remove(new SourcePosition(topic, partition, offset, 0).toString());
        if (completion == null) {
            throw new AssertionError(topic + "-" + partition + "@" + offset + " is not held");
        }
        completion.safe();
    }
}
