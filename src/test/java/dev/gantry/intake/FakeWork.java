package dev.gantry.intake;

import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Rejection;
import dev.gantry.inference.SourcePosition;
import dev.gantry.inference.SuspendedRun;
import dev.gantry.worker.Completion;
import dev.gantry.worker.RequestHandle;
import dev.gantry.worker.RequestHandler;

import org.apache.kafka.common.TopicPartition;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/**
 * Does nothing for as long as told, and remembers what it was given; shared by all members of a
 * test's fleet.
 */
final class FakeWork implements RequestHandler {
    private final Function<InferenceRequest, Duration> duration;
    private final Map<TopicPartition, Set<Long>> done = new ConcurrentHashMap<>();
    private final List<SourcePosition> repeated = new CopyOnWriteArrayList<>();
    private final List<SourcePosition> abandoned = new CopyOnWriteArrayList<>();
    private final List<SourcePosition> begun = new CopyOnWriteArrayList<>();

    FakeWork(Function<InferenceRequest, Duration> duration) {
        this.duration = duration;
    }

    @Override
    public Optional<SuspendedRun> work(
            InferenceRequest request, RequestHandle handle, Completion completion) {
        SourcePosition source = request.source();
        begun.add(source);
        if (isDone(source)) {
            repeated.add(source);
        }
        try {
            if (handle.cancellation().await(duration.apply(request))) {
                abandoned.add(source);
                completion.abandoned();
            } else {
                doneIn(source).add(source.offset());
                completion.safe();
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts a request", e);
        }
        return Optional.empty();
    }

    @Override
    public void reject(Rejection rejection, Completion completion) {
        throw new AssertionError(rejection.message());
    }

    boolean isDone(SourcePosition source) {
        return doneIn(source).contains(source.offset());
    }

    boolean isDone(TopicPartition partition, long offset) {
        return done.getOrDefault(partition, Set.of()).contains(offset);
    }

    int doneCount() {
        return done.values().stream().mapToInt(Set::size).sum();
    }

    List<SourcePosition> begun() {
        return begun;
    }

    /** Begun again although done. */
    List<SourcePosition> repeated() {
        return repeated;
    }

    List<SourcePosition> abandoned() {
        return abandoned;
    }

    private Set<Long> doneIn(SourcePosition source) {
        return done.computeIfAbsent(
                new TopicPartition(source.topic(), source.partition()),
                _ -> ConcurrentHashMap.newKeySet());
    }
}
