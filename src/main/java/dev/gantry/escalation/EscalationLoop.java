package dev.gantry.escalation;

import dev.gantry.admission.AdmissionControl;
import dev.gantry.circuit.Circuits;
import dev.gantry.inference.Cancellation;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Outcome;
import dev.gantry.inference.Outcome.Abandoned;
import dev.gantry.inference.Outcome.Failed;
import dev.gantry.memory.Hold;
import dev.gantry.routing.Route;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.InstantSource;

/**
 * Climbs a route until an answer, a refusal, the deadline or the end of the route; where no lane
 * takes the request now, it halts and is resumed later.
 */
public final class EscalationLoop {
    private static final Duration PAUSE_BEFORE_RETRY = Duration.ofMillis(200);

    private final EscalationPolicy policy = new EscalationPolicy(PAUSE_BEFORE_RETRY);
    private final Ascent.Means means;
    private final InstantSource clock;

    public EscalationLoop(
            LaneCall calls, Circuits circuits, AdmissionControl admission, InstantSource clock) {
        this.means = new Ascent.Means(calls, circuits, admission, clock);
        this.clock = clock;
    }

    /**
     * Calls lanes until the request has ended or has to wait. What a lane does is never an
     * exception here; an unchecked one is a bug of ours and ends the request.
     *
     * @param hold what the answers take of the worker's memory; the last one's is left to the
     *     caller
     */
    public Progress run(
            InferenceRequest request,
            Route route,
            Cancellation cancellation,
            Hold hold,
            AttemptJournal journal)
            throws InterruptedException {
        return climb(new Ascent(means, request, route, cancellation, hold, journal));
    }

    /**
     * Goes on where the request halted; its wait is over.
     *
     * @param request the same request, perhaps read again
     */
    public Progress resume(
            InferenceRequest request,
            Halt halt,
            Cancellation cancellation,
            Hold hold,
            AttemptJournal journal)
            throws InterruptedException {
        var ascent = new Ascent(means, request, halt.route(), cancellation, hold, journal);
        ascent.continueFrom(halt);
        return climb(ascent);
    }

    /** Goes on with another route where nothing of the old one was left. */
    public Progress reroute(
            Progress.Stranded from,
            Route route,
            Cancellation cancellation,
            Hold hold,
            AttemptJournal journal)
            throws InterruptedException {
        var ascent = new Ascent(means, from.request(), route, cancellation, hold, journal);
        ascent.continueFrom(from);
        return climb(ascent);
    }

    private Progress climb(Ascent ascent) throws InterruptedException {
        try {
            Progress progress = null;
            while (progress == null) {
                progress = step(ascent);
            }
            return progress;
        } catch (RuntimeException bug) {
            return ascent.broken(bug);
        } finally {
            ascent.leave();
        }
    }

    /** One move; null: further moves follow. */
    private @Nullable Progress step(Ascent ascent) throws InterruptedException {
        var outlook =
                new Outlook(
                        clock.instant(), means.circuits()::availability, means.circuits()::well);
        Next next = policy.next(ascent.request(), ascent.route(), ascent.trail(), outlook);
        return switch (next) {
            case Next.Retry retry -> ascent.retry(retry);
            case Next.Enter(var ask) -> ascent.enter(ask);
            case Next.Reroute _ -> ascent.stranded();
            // Once cancelled, a failure may be the cancellation's own doing: it is no result.
            case Next.End(Failed _) when ascent.cancelled() -> ascent.ended(new Abandoned());
            case Next.End(Outcome outcome) -> ascent.ended(outcome);
            case Next.Blamed(Outcome outcome) -> ascent.blamed(outcome);
        };
    }
}
