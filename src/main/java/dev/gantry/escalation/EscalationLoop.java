package dev.gantry.escalation;

import dev.gantry.classification.Classifier;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.Cancellation;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.Outcome;
import dev.gantry.inference.Outcome.Abandoned;
import dev.gantry.inference.Outcome.Failed;
import dev.gantry.provider.Provider;
import dev.gantry.routing.Route;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** Climbs a route until an answer, a refusal, the deadline or the end of the route. */
public final class EscalationLoop {
    private static final Logger LOG = LoggerFactory.getLogger(EscalationLoop.class);
    private static final Duration PAUSE_BEFORE_RETRY = Duration.ofMillis(200);

    private final LaneCall calls;
    private final EscalationPolicy policy = new EscalationPolicy(PAUSE_BEFORE_RETRY);
    private final InstantSource clock;

    /**
     * @param vendors whose error codes apply on a lane
     * @param nanos a monotonic clock
     */
    public EscalationLoop(
            Provider provider,
            Classifier classifier,
            Function<LaneId, String> vendors,
            InstantSource clock,
            LongSupplier nanos) {
        calls = new LaneCall(provider, classifier, vendors, clock, nanos);
        this.clock = clock;
    }

    /**
     * Calls lanes until the request has ended. What a lane does is never an exception here; an
     * unchecked one is a bug of ours and ends the request.
     */
    public Conclusion run(
            InferenceRequest request,
            Route route,
            Cancellation cancellation,
            AttemptJournal journal)
            throws InterruptedException {
        Trail trail = Trail.EMPTY;
        try {
            Next next = policy.next(request, route, trail, clock.instant());
            while (next instanceof Next.Call call && !cancellation.await(call.pause())) {
                // Before the dispatch: no way of failing can forget that the lane was tried.
                trail = trail.consume(call.lane());
                Attempt.Dispatch dispatch =
                        Dispatches.of(request, call, trail.nextId(request), clock.instant());
                journal.dispatching(dispatch);
                Step step = calls.make(request, call.lane(), dispatch, cancellation);
                trail = trail.with(step);
                journal.ended(step.attempt());
                next = policy.next(request, route, trail, clock.instant());
            }
            return new Conclusion(request, outcome(next, cancellation), trail.attempts());
        } catch (RuntimeException bug) {
            return broken(request, trail, bug);
        }
    }

    /** Once cancelled, a failure may be the cancellation's own doing: it is no result. */
    private static Outcome outcome(Next next, Cancellation cancellation) {
        return switch (next) {
            case Next.Call _ -> new Abandoned();
            case Next.End(Failed _) when cancellation.cancelled() -> new Abandoned();
            case Next.End(Outcome outcome) -> outcome;
        };
    }

    private static Conclusion broken(InferenceRequest request, Trail trail, RuntimeException bug) {
        LOG.atError()
                .addKeyValue("requestId", request.id())
                .setCause(bug)
                .log("request ended by a bug");
        return new Conclusion(
                request,
                new Failed(FailureCode.INTERNAL_ERROR, "bug: " + bug.getClass().getSimpleName()),
                trail.attempts());
    }
}
