package dev.gantry.escalation;

import dev.gantry.admission.AdmissionControl;
import dev.gantry.admission.AdmissionRequest;
import dev.gantry.admission.AdmissionResult;
import dev.gantry.admission.Permit;
import dev.gantry.admission.QueuedRequest;
import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.Probe;
import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.circuit.state.LaneFailure;
import dev.gantry.circuit.state.Opening;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptError;
import dev.gantry.inference.AttemptKind;
import dev.gantry.inference.Cancellation;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Outcome;
import dev.gantry.inference.Outcome.Abandoned;
import dev.gantry.inference.Outcome.Failed;
import dev.gantry.memory.Hold;
import dev.gantry.routing.Route;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * One request on its way up, from its start or from where it halted: makes the moves that the
 * policy decides, and tells traffic and circuits what came of them.
 */
final class Ascent {
    private static final Logger LOG = LoggerFactory.getLogger(Ascent.class);

    private final Means means;
    private final InferenceRequest request;
    private final Route route;
    private final Cancellation cancellation;
    private final Hold hold;
    private final AttemptJournal journal;

    private Trail trail = Trail.EMPTY;

    /** Holds the slot; null while the request has none. */
    private @Nullable Permit permit;

    /** Whether the permit's call is still to be made. */
    private boolean granted;

    /** The last call, while a retry in place may still take its place. */
    private @Nullable Untold untold;

    /** A call that its lane's health has not been told of. */
    private record Untold(Step step, Permit held, Instant began) {}

    /** What every ascent uses. */
    record Means(
            LaneCall calls, Circuits circuits, AdmissionControl admission, InstantSource clock) {}

    Ascent(
            Means means,
            InferenceRequest request,
            Route route,
            Cancellation cancellation,
            Hold hold,
            AttemptJournal journal) {
        this.means = means;
        this.request = request;
        this.route = route;
        this.cancellation = cancellation;
        this.hold = hold;
        this.journal = journal;
    }

    void continueFrom(Halt halt) {
        trail = halt.trail();
        permit = halt.queued().permit();
        granted = permit != null;
    }

    void continueFrom(Progress.Stranded from) {
        trail = from.trail();
    }

    InferenceRequest request() {
        return request;
    }

    Route route() {
        return route;
    }

    Trail trail() {
        return trail;
    }

    boolean cancelled() {
        return cancellation.cancelled();
    }

    /** Calls the same lane again; its permit still holds. */
    @Nullable Progress retry(Next.Retry retry) throws InterruptedException {
        Permit held = permit;
        if (held == null) {
            throw new IllegalStateException("a retry in place without a permit");
        }
        if (cancellation.await(retry.pause())) {
            return ended(new Abandoned());
        }
        if (!(means.circuits().availability(retry.lane().id())
                instanceof LaneAvailability.Admitted)) {
            return null; // benched meanwhile: the policy looks again
        }
        untold = null;
        var choice = new Next.Choice(retry.lane(), AttemptKind.RETRY, retry.reason());
        call(choice, held, true);
        return null;
    }

    /** Calls the lane that the traffic lets it onto; halts where there is none. */
    @Nullable Progress enter(AdmissionRequest ask) throws InterruptedException {
        tellUntold();
        if (cancelled()) {
            return ended(new Abandoned());
        }
        Permit held = permit;
        if (held != null && granted) {
            granted = false;
            onto(held);
            return null;
        }
        permit = null;
        forgetBody();
        return switch (means.admission().enter(ask, held)) {
            case AdmissionResult.Granted(Permit given) -> {
                permit = given;
                onto(given);
                yield null;
            }
            case AdmissionResult.Waiting(QueuedRequest queued) -> {
                journal.waiting(queued.reason(), queued.until());
                yield new Progress.Halted(new Halt(route, trail, queued));
            }
            case AdmissionResult.AllBenched(Instant until, String reasons) ->
                    ended(new Failed(FailureCode.ALL_LANES_BENCHED, benched(until, reasons)));
        };
    }

    private static String benched(@Nullable Instant until, String reasons) {
        return "all lanes are benched until %s: %s"
                .formatted(until == null ? "an operator resets one" : until, reasons);
    }

    private void onto(Permit given) throws InterruptedException {
        CallMode mode = given.probe() == null ? CallMode.PLAIN : CallMode.PROBE;
        call(EscalationPolicy.choice(route, trail, given.lane(), mode), given, false);
    }

    private void call(Next.Choice choice, Permit held, boolean inPlace)
            throws InterruptedException {
        forgetBody();
        Instant now = means.clock().instant();
        CallMode mode = held.probe() == null ? CallMode.PLAIN : CallMode.PROBE;
        Duration timeout = Dispatches.timeout(request, choice.lane(), mode, now);
        Attempt.Dispatch dispatch =
                Dispatches.of(request, choice, trail.nextId(request), timeout, now);
        boolean recorded = journal.dispatching(dispatch);
        Instant began = means.circuits().now();
        if (!inPlace && held.probe() == null && !trail.hasToldOf(choice.lane())) {
            means.circuits().called(choice.lane().id());
        }
        var plan =
                new LaneCall.Plan(
                        request,
                        choice.lane(),
                        dispatch,
                        mode,
                        recorded,
                        inPlace,
                        held.epoch(),
                        began);
        Step step = means.calls().make(plan, cancellation, hold);
        Opening opening = null;
        if (step.judgedLater() && held.probe() == null) {
            untold = new Untold(step, held, began);
        } else {
            opening = tell(step, held, began);
        }
        trail = trail.with(step.opened(opening));
        journal.ended(step.attempt());
    }

    /**
     * The last answer did not end the request: its bytes are not kept while it goes on, or waits.
     */
    private void forgetBody() {
        trail = trail.bodiless();
        hold.release();
    }

    /** No retry in place has followed. */
    private void tellUntold() {
        Untold last = untold;
        untold = null;
        if (last != null) {
            // Counted with others: it opens nothing by itself.
            var _ = tell(last.step(), last.held(), last.began());
        }
    }

    /** What its failure has opened for the fleet. */
    private @Nullable Opening tell(Step step, Permit held, Instant began) {
        AttemptError error = step.attempt().error();
        Opening opening = null;
        if (held.probe() != null) {
            close(held.probe(), step);
        } else if (step.attempt().succeeded()) {
            means.circuits().answered(step.lane().id());
        } else if (step.failure() != null && counts(step, step.failure())) {
            LaneFailure failure = trail.believed(step.failure());
            opening = means.circuits().failed(step.lane().id(), began, failure);
        }
        // After the circuits: nobody is let onto a lane that has just refused.
        means.admission().told(held, Diagnosis.feedback(error));
        return opening;
    }

    private static void close(Probe probe, Step step) {
        if (step.attempt().succeeded()) {
            probe.succeeded();
        } else if (step.failure() != null) {
            probe.failed(step.failure());
        } else {
            probe.ignored();
        }
    }

    /** One logical request counts once per lane; what benches at one hit always does. */
    private boolean counts(Step step, LaneFailure failure) {
        return !failure.counted() || !trail.hasToldOf(step.lane());
    }

    /** The request was to blame: what its failures have opened is closed again. */
    Progress blamed(Outcome outcome) {
        for (Step step : trail.steps()) {
            if (step.opening() != null) {
                means.circuits().undo(step.opening());
            }
        }
        return ended(outcome);
    }

    Progress stranded() {
        tellUntold();
        forgetBody();
        return new Progress.Stranded(request, trail);
    }

    Progress ended(Outcome outcome) {
        tellUntold();
        return new Progress.Ended(new Conclusion(request, outcome, trail.attempts()));
    }

    Progress broken(RuntimeException bug) {
        LOG.atError()
                .addKeyValue("requestId", request.id())
                .setCause(bug)
                .log("request ended by a bug");
        return ended(
                new Failed(FailureCode.INTERNAL_ERROR, "bug: " + bug.getClass().getSimpleName()));
    }

    /** Gives the slot back, if it holds one. */
    void leave() {
        if (permit != null) {
            means.admission().leave(permit);
            permit = null;
        }
    }
}
