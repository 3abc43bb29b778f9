package dev.gantry.intake;

import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Rejection;
import dev.gantry.inference.SuspendedRun;
import dev.gantry.worker.Completion;
import dev.gantry.worker.RequestHandle;
import dev.gantry.worker.RequestHandler;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/** Ends each request at once, apart from those that it is to hold, and counts by custom_id. */
final class CountedWork implements RequestHandler {
    private final Map<String, Integer> begun = new ConcurrentHashMap<>();
    private final Map<String, Completion> held = new ConcurrentHashMap<>();
    private final Set<String> done = ConcurrentHashMap.newKeySet();

    private volatile Predicate<String> holds = _ -> false;

    @Override
    public Optional<SuspendedRun> work(
            InferenceRequest request, RequestHandle handle, Completion completion) {
        String id = request.customId();
        begun.merge(id, 1, Integer::sum);
        if (holds.test(id)) {
            held.put(id, completion);
            if (!holds.test(id)) {
                end(id); // released meanwhile
            }
        } else {
            done.add(id);
            completion.safe();
        }
        return Optional.empty();
    }

    @Override
    public void reject(Rejection rejection, Completion completion) {
        throw new AssertionError(rejection.message());
    }

    void hold(Predicate<String> ids) {
        holds = ids;
    }

    /** Ends those that are held, and holds no more. */
    void release() {
        holds = _ -> false;
        held.keySet().forEach(this::end);
    }

    private void end(String id) {
        Completion completion = held.remove(id);
        if (completion != null) {
            done.add(id);
            completion.safe();
        }
    }

    int heldCount() {
        return held.size();
    }

    /** How many of a stem have ended. */
    long done(String stem) {
        return done.stream().filter(id -> id.startsWith(stem)).count();
    }

    /** Those begun more than once. */
    List<String> repeated() {
        List<String> repeated = new ArrayList<>();
        begun.forEach(
                (id, times) -> {
                    if (times > 1) {
                        repeated.add(id + " x" + times);
                    }
                });
        return repeated;
    }
}
