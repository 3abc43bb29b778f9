package dev.gantry.intake;

import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Rejection;
import dev.gantry.inference.SourcePosition;
import dev.gantry.worker.Completion;
import dev.gantry.worker.Flight;
import dev.gantry.worker.Parked;
import dev.gantry.worker.RequestHandler;
import dev.gantry.worker.Stage;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Holds every request until the test completes it by hand, whatever became of its partition. */
public final class HeldWork implements RequestHandler {
    private final Map<String, Completion> held = new ConcurrentHashMap<>();

    @Override
    public Stage work(InferenceRequest request, Flight flight, Completion completion) {
        held.put(request.source().toString(), completion);
        return new Stage.Done();
    }

    @Override
    public Stage resume(
            InferenceRequest request, Parked parked, Flight flight, Completion completion) {
        throw new AssertionError("nothing waits here");
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
