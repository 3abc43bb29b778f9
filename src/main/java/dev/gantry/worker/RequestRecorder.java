package dev.gantry.worker;

import dev.gantry.admission.WaitReason;
import dev.gantry.budget.Exceeded;
import dev.gantry.concurrent.TimerWheel;
import dev.gantry.escalation.AttemptRecorder;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptFate;
import dev.gantry.inference.AttemptId;
import dev.gantry.inference.Cancellation;
import dev.gantry.inference.Caps.OnExceed;
import dev.gantry.inference.Chunk;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.Outcome;
import dev.gantry.inference.RaceEvent;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.metering.Cost;
import dev.gantry.metering.MeterReading;
import dev.gantry.outbox.PendingAcks;
import dev.gantry.routing.AppliedPolicy;
import dev.gantry.routing.LiveRoute;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/** One request's attempts on their way to the meter and the audit, and its end to its result. */
final class RequestRecorder implements AttemptRecorder {
    /** Any deadline beyond it is as good as none, and some would not fit a count of nanoseconds. */
    private static final Duration LONGEST = Duration.ofDays(365);

    private final Worker.Means means;
    private final RequestHandle handle;
    private final Completion completion;
    private final PendingAcks acks;

    /** It changes between calls only: an attempt is priced by what it was dispatched by. */
    private final LiveRoute route;

    /** How its lanes stood when the request began. */
    private final RouteReports.Decided decided;

    /** Lanes that a cap has closed, and why. */
    private final Map<LaneId, String> capped = new HashMap<>(2);

    /** Of the ended attempts: each is priced once. */
    private final Map<AttemptId, MeterReading> readings = new HashMap<>(2);

    RequestRecorder(
            Worker.Means means,
            LiveRoute route,
            RequestHandle handle,
            Completion completion,
            PendingAcks acks) {
        this.means = means;
        this.route = route;
        this.handle = handle;
        this.completion = completion;
        this.acks = acks;
        this.decided = means.reports().decided(route.last());
    }

    @Override
    public boolean dispatching(
            InferenceRequest request, Attempt.Dispatch dispatch, Cancellation cancellation)
            throws InterruptedException {
        handle.calling(dispatch.lane());
        return means.writeAhead() == WriteAhead.OFF || awaitSafe(request, dispatch, cancellation);
    }

    /**
     * Given up while waiting: the call that follows ends at once, with nothing sent, and says so.
     * The latch's own wait has no limit: a timed park of each virtual thread took a twentieth of a
     * worker's CPU.
     */
    private boolean awaitSafe(
            InferenceRequest request, Attempt.Dispatch dispatch, Cancellation cancellation)
            throws InterruptedException {
        var done = new CountDownLatch(1);
        var late = new AtomicBoolean();
        Runnable over =
                () -> {
                    late.set(true);
                    done.countDown();
                };
        Duration left = request.deadline().left(means.clock().instant());
        long nanos = (left.compareTo(LONGEST) < 0 ? left : LONGEST).toNanos();
        try (var _ = cancellation.onCancel(done::countDown);
                var _ = TimerWheel.shared().limit(nanos, over)) {
            means.delivery()
                    .dispatching(request, dispatch, route.last().prices(), acks, done::countDown);
            done.await();
        }
        return !late.get();
    }

    @Override
    public void waiting(InferenceRequest request, WaitReason reason, @Nullable Instant until) {
        means.observer().waiting(request, reason, until);
        if (reason == WaitReason.BENCHED) {
            means.delivery()
                    .waiting(
                            request,
                            policy(),
                            "every lane is benched or has just failed",
                            until,
                            acks);
        }
    }

    private @Nullable RoutingPolicy policy() {
        AppliedPolicy applied = route.last().policy();
        return applied == null ? null : applied.policy();
    }

    @Override
    public void capped(InferenceRequest request, Attempt.Dispatch call, Exceeded exceeded) {
        if (exceeded.onExceed() != OnExceed.WARN) {
            capped.put(call.lane(), exceeded.projected() == null ? exceeded.kind() : "budget");
        }
        means.delivery().capped(request, call, exceeded, acks);
    }

    @Override
    public void raced(InferenceRequest request, RaceEvent event) {
        means.delivery().raced(request, event, acks);
    }

    @Override
    public boolean chunk(InferenceRequest request, Chunk chunk) {
        return means.chunks().offer(request, chunk);
    }

    @Override
    public Cost ended(InferenceRequest request, Attempt attempt, AttemptFate fate) {
        handle.ended(attempt.lane());
        if (fate != AttemptFate.RACE_LOST) { // whose time says what the other one took
            means.reports().ended(attempt);
        }
        MeterReading reading =
                means.delivery().attemptEnded(request, attempt, fate, route.last().prices(), acks);
        readings.put(attempt.id(), reading);
        means.observer().attemptEnded(request, attempt, reading);
        return reading.bill().cost();
    }

    @Override
    public void concluded(Conclusion conclusion) {
        means.delivery()
                .conclude(
                        conclusion,
                        readings,
                        means.reports()
                                .summary(
                                        route.last(),
                                        decided,
                                        new Fates(conclusion, readings, capped)),
                        route.last().prices(),
                        acks);
        means.observer().concluded(conclusion);
        if (conclusion.outcome() instanceof Outcome.Abandoned) {
            completion.abandoned();
        }
    }
}
