package dev.gantry.escalation;

import dev.gantry.inference.AttemptError;
import dev.gantry.inference.AttemptKind;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Outcome;
import dev.gantry.inference.Outcome.Abandoned;
import dev.gantry.inference.Outcome.Failed;
import dev.gantry.inference.Outcome.Refused;
import dev.gantry.inference.Outcome.Succeeded;
import dev.gantry.routing.Lane;
import dev.gantry.routing.Route;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Decides what follows from how far a request has come (routing rules, section 2). Pure: no clock,
 * no call. Every call it asks for consumes a lane or is the one retry of the last, so the loop
 * ends.
 */
final class EscalationPolicy {
    private final Duration pause;

    /**
     * @param pause before a retry on the same lane
     */
    EscalationPolicy(Duration pause) {
        this.pause = pause;
    }

    Next next(InferenceRequest request, Route route, Trail trail, Instant now) {
        if (route.deadEnd() != null) {
            return end(route.deadEnd().code(), route.deadEnd().message());
        }
        Step last = trail.last();
        Optional<Outcome> settled = last == null ? Optional.empty() : settled(last);
        if (settled.isPresent()) {
            return new Next.End(settled.get());
        }
        if (last != null && last.attempt().answer() != null && !route.limits().escalate()) {
            return new Next.End(own(route, trail, last));
        }
        if (request.deadline().passed(now)) {
            return end(FailureCode.BATCH_EXPIRED, Report.expired(request, route, trail));
        }
        if (last != null && !route.limits().escalate()) {
            return new Next.End(own(route, trail, last));
        }
        return last != null && sameLane(request, route, trail, now)
                ? new Next.Call(last.lane(), AttemptKind.RETRY, pause, "retry " + after(last))
                : onward(request, route, trail);
    }

    private static Optional<Outcome> settled(Step last) {
        return switch (last.remedy()) {
            case DONE -> Optional.of(new Succeeded(last.attempt()));
            case STOP -> Optional.of(new Refused(last.attempt()));
            case ABANDON -> Optional.of(new Abandoned());
            case TOO_LARGE -> failed(FailureCode.RESULT_TOO_LARGE, Report.reason(last.attempt()));
            case BUG -> failed(FailureCode.INTERNAL_ERROR, Report.reason(last.attempt()));
            case LARGER_WINDOW, SAME_LANE, NEXT_LANE -> Optional.empty();
        };
    }

    /**
     * With {@code escalate: false}, the one call's error is the outcome. A broken answer of status
     * 200 would read as a success, so it is named instead of shown.
     */
    private static Outcome own(Route route, Trail trail, Step last) {
        Integer status = last.attempt().status();
        return status != null && status >= 400
                ? new Refused(last.attempt())
                : new Failed(FailureCode.ESCALATION_EXHAUSTED, Report.exhausted(route, trail));
    }

    /** A retry in place uses no attempt, so it may follow the last one. */
    private boolean sameLane(InferenceRequest request, Route route, Trail trail, Instant now) {
        Step last = trail.steps().getLast();
        return last.remedy() == Remedy.SAME_LANE
                && !last.inPlace()
                && trail.refusals() < route.limits().maxRefusals()
                && request.deadline().left(now).compareTo(pause) > 0;
    }

    private static Next onward(InferenceRequest request, Route route, Trail trail) {
        Step last = trail.last();
        Lane lane = Choice.next(request.body().facts(), route, trail);
        if (lane == null && last != null && overflowed(last)) {
            return end(FailureCode.CONTEXT_OVERFLOW, Report.overflowed(route, trail));
        }
        if (lane == null || usedUp(route, trail)) {
            return end(FailureCode.ESCALATION_EXHAUSTED, Report.exhausted(route, trail));
        }
        return last == null
                ? new Next.Call(lane, AttemptKind.PRIMARY, Duration.ZERO, "primary")
                : new Next.Call(
                        lane, AttemptKind.FAILOVER, Duration.ZERO, "failover " + after(last));
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

    private static Optional<Outcome> failed(FailureCode code, String message) {
        return Optional.of(new Failed(code, message));
    }

    private static Next end(FailureCode code, String message) {
        return new Next.End(new Failed(code, message));
    }
}
