package dev.gantry.escalation;

import dev.gantry.admission.AdmissionRequest;
import dev.gantry.admission.Candidate;
import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.inference.AttemptError;
import dev.gantry.inference.AttemptKind;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.Outcome;
import dev.gantry.inference.Outcome.Abandoned;
import dev.gantry.inference.Outcome.Failed;
import dev.gantry.inference.Outcome.Refused;
import dev.gantry.inference.Outcome.Succeeded;
import dev.gantry.routing.Lane;
import dev.gantry.routing.Route;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Decides what follows from how far a request has come (routing rules, section 2). Pure: no clock,
 * no call. What can have been billed is bounded by max-attempts, what cannot by max-refusals or the
 * deadline, so the loop ends.
 */
final class EscalationPolicy {
    private static final String CRITICAL = "critical";

    private final Duration pause;

    /**
     * @param pause before a retry on the same lane
     */
    EscalationPolicy(Duration pause) {
        this.pause = pause;
    }

    Next next(InferenceRequest request, Route route, Trail trail, Outlook outlook) {
        if (route.deadEnd() != null) {
            return end(route.deadEnd().code(), route.deadEnd().message());
        }
        Step last = trail.last();
        Optional<Outcome> settled = last == null ? Optional.empty() : settled(last);
        if (settled.isPresent()) {
            return new Next.End(settled.get());
        }
        Report report = new Report(route, trail, outlook);
        if (last != null && last.attempt().answer() != null && !route.limits().escalate()) {
            return new Next.End(own(report, last));
        }
        if (last != null && Blame.falls(trail, outlook)) {
            return new Next.Blamed(own(report, last));
        }
        if (request.deadline().passed(outlook.now())) {
            return new Next.End(report.expired(request));
        }
        if (last != null && !route.limits().escalate()) {
            return new Next.End(own(report, last));
        }
        return last != null && sameLane(request, route, trail, outlook)
                ? new Next.Retry(last.lane(), pause, "retry " + after(last))
                : onward(request, route, trail, outlook);
    }

    private static Optional<Outcome> settled(Step last) {
        return switch (last.remedy()) {
            case DONE -> Optional.of(new Succeeded(last.attempt()));
            case STOP -> Optional.of(new Refused(last.attempt()));
            case ABANDON -> Optional.of(new Abandoned());
            case TOO_LARGE -> failed(FailureCode.RESULT_TOO_LARGE, last);
            case BUG -> failed(FailureCode.INTERNAL_ERROR, last);
            case LARGER_WINDOW, SAME_LANE, NEXT_LANE, OTHER_LANE -> Optional.empty();
        };
    }

    /**
     * With {@code escalate: false}, the one call's error is the outcome. A broken answer of status
     * 200 would read as a success, so it is named instead of shown.
     */
    private static Outcome own(Report report, Step last) {
        Integer status = last.attempt().status();
        return status != null && status >= 400 ? new Refused(last.attempt()) : report.exhausted();
    }

    /** A retry in place uses no attempt, so it may follow the last one. */
    private boolean sameLane(InferenceRequest request, Route route, Trail trail, Outlook outlook) {
        Step last = trail.steps().getLast();
        return last.judgedLater()
                && outlook.availability(last.lane().id()) instanceof LaneAvailability.Admitted
                && trail.refusals() < route.limits().maxRefusals()
                && request.deadline().left(outlook.now()).compareTo(pause) > 0;
    }

    private static Next onward(
            InferenceRequest request, Route route, Trail trail, Outlook outlook) {
        Step last = trail.last();
        Report report = new Report(route, trail, outlook);
        List<Candidate> candidates = new Candidates(request, route, trail, outlook).list();
        if (candidates.isEmpty() && !usedUp(route, trail) && lost(route, outlook)) {
            return new Next.Reroute();
        }
        if (candidates.isEmpty() && last != null && overflowed(last)) {
            return new Next.End(report.overflowed());
        }
        if (candidates.isEmpty() || usedUp(route, trail)) {
            return new Next.End(report.exhausted());
        }
        AdmissionRequest ask =
                new AdmissionRequest(
                        candidates,
                        request.deadline().at(),
                        mayProbe(request, route, candidates, outlook),
                        whenBenched(route));
        return new Next.Enter(ask);
    }

    private static AdmissionRequest.WhenBenched whenBenched(Route route) {
        return switch (route.limits().whenBenched()) {
            case WAIT -> AdmissionRequest.WhenBenched.WAIT;
            case FAIL -> AdmissionRequest.WhenBenched.FAIL;
        };
    }

    /**
     * A critical request carries no probe while it has another way, nor does one whose first call
     * decides.
     */
    private static boolean mayProbe(
            InferenceRequest request, Route route, List<Candidate> candidates, Outlook outlook) {
        boolean spares =
                route.limits().escalate() && !CRITICAL.equals(request.options().priority());
        return spares
                || candidates.stream()
                        .noneMatch(
                                each ->
                                        outlook.availability(each.lane())
                                                instanceof LaneAvailability.Admitted);
    }

    /** What the call of a lane would be that the traffic has let the request onto. */
    static Next.Choice choice(Route route, Trail trail, LaneId id, CallMode mode) {
        Lane lane = lane(route, id);
        Step last = trail.last();
        if (mode == CallMode.PROBE) {
            return new Next.Choice(lane, AttemptKind.PROBE, "probe of a half-open lane");
        }
        if (last == null) {
            return new Next.Choice(lane, AttemptKind.PRIMARY, "primary");
        }
        return last.lane().id().equals(id)
                ? new Next.Choice(lane, AttemptKind.RETRY, "again " + after(last))
                : new Next.Choice(lane, AttemptKind.FAILOVER, "failover " + after(last));
    }

    private static Lane lane(Route route, LaneId id) {
        for (Lane lane : route.lanes()) {
            if (lane.id().equals(id)) {
                return lane;
            }
        }
        throw new IllegalStateException(id + " is not on the route");
    }

    /** Whether the catalogue has changed under the route: another one may have more to offer. */
    private static boolean lost(Route route, Outlook outlook) {
        return route.lanes().stream().anyMatch(lane -> outlook.gone(lane.id()));
    }

    private static boolean usedUp(Route route, Trail trail) {
        return trail.attemptsUsed() >= route.limits().maxAttempts()
                || trail.refusals() >= route.limits().maxRefusals();
    }

    private static boolean overflowed(Step step) {
        return kind(step) == ErrorKind.CONTEXT_OVERFLOW;
    }

    private static String after(Step step) {
        ErrorKind kind = kind(step);
        return "after " + (kind == null ? "success" : kind.label()) + " on " + step.lane().id();
    }

    private static @Nullable ErrorKind kind(Step step) {
        AttemptError error = step.attempt().error();
        return error == null ? null : error.kind();
    }

    private static Optional<Outcome> failed(FailureCode code, Step last) {
        return Optional.of(Report.of(code, last.attempt()));
    }

    static Next end(FailureCode code, String message) {
        return new Next.End(new Failed(code, message));
    }
}
