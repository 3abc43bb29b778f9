package dev.gantry.escalation;

import static dev.gantry.inference.FailoverAction.BROKEN_OFF;
import static dev.gantry.inference.FailoverAction.OTHER_LANE;
import static dev.gantry.inference.FailoverAction.OTHER_PROVIDER;
import static dev.gantry.inference.FailoverAction.REPAIR;
import static dev.gantry.inference.FailoverAction.RETURN;
import static dev.gantry.inference.FailoverAction.SAME_LANE;
import static dev.gantry.inference.FailoverAction.STOP;
import static dev.gantry.inference.FailoverAction.TOO_LARGE;

import dev.gantry.admission.AdmissionRequest;
import dev.gantry.admission.Candidate;
import dev.gantry.classification.Classification;
import dev.gantry.classification.Objection;
import dev.gantry.escalation.AttemptHistory.Called;
import dev.gantry.inference.Answer;
import dev.gantry.inference.AttemptError;
import dev.gantry.inference.AttemptUse;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FailoverAction;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.Outcome;
import dev.gantry.inference.Outcome.Abandoned;
import dev.gantry.inference.Outcome.Failed;
import dev.gantry.inference.Outcome.Refused;
import dev.gantry.inference.Outcome.Succeeded;
import dev.gantry.inference.WhenBenched;
import dev.gantry.provider.ProviderReply;
import dev.gantry.provider.ProviderReply.Cut;
import dev.gantry.provider.ProviderReply.Obstacle;
import dev.gantry.provider.ProviderReply.TooLarge;
import dev.gantry.provider.ProviderReply.Unreachable;
import dev.gantry.routing.Route;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * The routing rules (sections 2 and 3) where no policy was configured: the failure table as it
 * stands. What can have been billed is bounded by max-attempts, what cannot by max-refusals or the
 * deadline, so the loop ends.
 */
public final class StandardPolicy implements EscalationPolicy {
    /** It has no state. */
    public static final EscalationPolicy INSTANCE = new StandardPolicy();

    private static final String CRITICAL = "critical";
    static final Duration PAUSE_BEFORE_RETRY = Duration.ofMillis(200);

    /** A kept-alive connection that the far side had closed says so at once. */
    private static final Duration STALE = Duration.ofSeconds(1);

    private static final Set<Obstacle> NOTHING_SENT =
            Set.of(Obstacle.REFUSED, Obstacle.UNKNOWN_HOST, Obstacle.TLS);

    private StandardPolicy() {}

    @Override
    public FailoverAction action(Called call) {
        Classification failure = call.heard().failure();
        if (failure == null) {
            return RETURN;
        }
        FailoverAction unread = unread(call, failure);
        return call.heard().published() && unread.goesOn() ? BROKEN_OFF : unread;
    }

    /** What it asks for where nobody has read the beginning of its answer. */
    private static FailoverAction unread(Called call, Classification failure) {
        ProviderReply reply = call.heard().reply();
        FailoverAction usual = failure.kind().rule().next();
        return switch (failure.kind()) {
            case CONTEXT_OVERFLOW -> failure.quotaTooSmall() ? OTHER_LANE : usual;
            case NETWORK -> unsent(reply) ? SAME_LANE : usual;
            case SERVER ->
                    reply instanceof TooLarge(int status, _) && status < 400 ? TOO_LARGE : usual;
            case BAD_REQUEST -> badRequest(call, failure.objection());
            default -> usual;
        };
    }

    private static FailoverAction badRequest(Called call, @Nullable Objection objection) {
        if (RepairRules.helps(call)) {
            return REPAIR;
        }
        return objection instanceof Objection.Foreign ? OTHER_PROVIDER : STOP;
    }

    /** Whether no byte of the request can have been worked on. */
    private static boolean unsent(ProviderReply reply) {
        return (reply instanceof Unreachable(Obstacle obstacle, _)
                        && NOTHING_SENT.contains(obstacle))
                || (reply instanceof Cut cut
                        && cut.reused()
                        && !cut.answerBegun()
                        && cut.sinceWritten().compareTo(STALE) <= 0);
    }

    /**
     * A failed probe uses no attempt, as the request has done the fleet a service; unless it was
     * answered: then the request may be what fails.
     */
    @Override
    public AttemptUse use(Called call) {
        AttemptError error = call.attempt().error();
        if (error != null && call.plan().probe() && call.attempt().answer() == null) {
            return AttemptUse.FREE;
        }
        boolean billed = call.attempt().answer() != null && call.attempt().answer().usage() != null;
        if (error == null || billed) {
            return AttemptUse.ATTEMPT;
        }
        return error.refusedConnection() ? AttemptUse.REFUSAL : error.kind().rule().use();
    }

    @Override
    public HealthImpact impact(Called call) {
        return HealthImpact.of(call.heard());
    }

    @Override
    public Next next(RunState state) {
        if (state.route().way() instanceof Route.DeadEnd(FailureCode code, String message)) {
            return new Next.End(new Failed(code, message));
        }
        Called last = state.history().last();
        Outcome settled = last == null ? null : settled(last, state.policy());
        if (settled != null) {
            return new Next.End(settled);
        }
        boolean escalates = state.route().limits().escalate();
        if (last != null && last.attempt().answer() != null && !escalates) {
            return new Next.End(own(state, last));
        }
        if (last != null && Blame.falls(state, last)) {
            return new Next.Blamed(own(state, last));
        }
        if (state.request().deadline().passed(state.lanes().now())) {
            return new Next.End(new Report(state).expired());
        }
        if (last != null && !escalates) {
            return new Next.End(own(state, last));
        }
        return last == null ? onward(state, null) : further(state, last);
    }

    /** The request goes on. */
    private static Next further(RunState state, Called last) {
        FailoverAction action = state.policy().action(last);
        if (action == OTHER_PROVIDER) {
            return elsewhere(state, last);
        }
        if (!sameLane(state, last)) {
            return onward(state, last);
        }
        boolean repairs = action == REPAIR;
        return new Next.Retry(
                last.lane(),
                state.policy().pause(last),
                (repairs ? "repair " : "retry ") + CallPlanner.after(last),
                repairs ? RepairRules.after(last) : last.plan().repair());
    }

    /**
     * What one provider's schema lacks, another's may have: it is asked once, if it can be asked
     * now. Once the answer's body is gone the request is on its way there.
     */
    private static Next elsewhere(RunState state, Called last) {
        int refused = state.history().count(each -> state.policy().action(each) == OTHER_PROVIDER);
        boolean open =
                new Candidates(state)
                        .list().stream().anyMatch(each -> state.lanes().admitted(each.lane()));
        Answer answer = last.attempt().answer();
        boolean onItsWay = answer == null || answer.body().bytes().length == 0;
        if (!onItsWay && (refused > 1 || !open || usedUp(state))) {
            return new Next.End(new Refused(last.attempt()));
        }
        Next next = onward(state, last);
        return next instanceof Next.Enter(AdmissionRequest ask)
                ? standIn(ask.candidates(), ask, last)
                : next;
    }

    /** Lanes that are to answer in the last one's place; its own answer stands if none can now. */
    static Next standIn(List<Candidate> lanes, AdmissionRequest ask, Called last) {
        return new Next.StandIn(
                new AdmissionRequest(lanes, ask.deadline(), ask.mayProbe(), WhenBenched.FAIL),
                new Refused(last.attempt()));
    }

    private static @Nullable Outcome settled(Called last, EscalationPolicy policy) {
        return switch (policy.action(last)) {
            case RETURN -> new Succeeded(last.attempt());
            case STOP -> new Refused(last.attempt());
            case ABANDON -> new Abandoned();
            case TOO_LARGE -> Report.of(FailureCode.RESULT_TOO_LARGE, last.attempt());
            case BROKEN_OFF -> Report.brokenOff(last.attempt());
            case FAIL -> Report.of(FailureCode.INTERNAL_ERROR, last.attempt());
            case LARGER_WINDOW, SAME_LANE, REPAIR, OTHER_PROVIDER, NEXT_LANE, OTHER_LANE -> null;
        };
    }

    /**
     * With {@code escalate: false}, the one call's error is the outcome. A broken answer of status
     * 200 would read as a success, so it is named instead of shown.
     */
    private static Outcome own(RunState state, Called last) {
        Integer status = last.attempt().status();
        return status != null && status >= 400
                ? new Refused(last.attempt())
                : new Report(state).exhausted();
    }

    /** A retry in place uses no attempt, so it may follow the last one. */
    static boolean sameLane(RunState state, Called last) {
        return state.held()
                && state.policy().judgedLater(last)
                && state.lanes().admitsAgain(last)
                && !state.history().passedOver(last.lane().id())
                && state.history().refusals(state.policy()) < state.route().limits().maxRefusals()
                && state.request()
                                .deadline()
                                .left(state.lanes().now())
                                .compareTo(state.policy().pause(last))
                        > 0;
    }

    private static Next onward(RunState state, @Nullable Called last) {
        List<Candidate> candidates = new Candidates(state).list();
        if (candidates.isEmpty() && !usedUp(state) && lost(state)) {
            return new Next.Reroute();
        }
        if (candidates.isEmpty() && last != null && last.kind() == ErrorKind.CONTEXT_OVERFLOW) {
            return new Next.End(new Report(state).overflowed());
        }
        if (candidates.isEmpty() || usedUp(state)) {
            return new Next.End(new Report(state).exhausted());
        }
        AdmissionRequest any =
                new AdmissionRequest(
                        candidates,
                        state.request().deadline().at(),
                        mayProbe(state, candidates),
                        state.route().limits().whenBenched());
        return new Next.Enter(DeadlineOrder.of(state, any));
    }

    /**
     * A critical request carries no probe while it has another way, nor does one whose first call
     * decides.
     */
    private static boolean mayProbe(RunState state, List<Candidate> candidates) {
        boolean spares =
                state.route().limits().escalate()
                        && !CRITICAL.equals(state.request().options().priority());
        return spares || candidates.stream().noneMatch(each -> state.lanes().admitted(each.lane()));
    }

    /** Whether the catalogue has changed under the route: another one may have more to offer. */
    private static boolean lost(RunState state) {
        return state.route().lanes().stream().anyMatch(lane -> state.lanes().gone(lane.id()));
    }

    private static boolean usedUp(RunState state) {
        Route.Limits limits = state.route().limits();
        return state.history().attemptsUsed(state.policy()) >= limits.maxAttempts()
                || state.history().refusals(state.policy()) >= limits.maxRefusals();
    }
}
