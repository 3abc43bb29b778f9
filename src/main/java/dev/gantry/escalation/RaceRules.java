package dev.gantry.escalation;

import static java.util.Comparator.comparing;

import dev.gantry.admission.Candidate;
import dev.gantry.escalation.AttemptHistory.Called;
import dev.gantry.inference.AttemptUse;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FailoverAction;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.RaceEvent;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.routing.AppliedPolicy;
import dev.gantry.routing.Route;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** When a second call joins the first, and what the end of one means to the other. Pure. */
final class RaceRules {
    /** What one provider will not answer is not had of another that was asked at the same time. */
    private static final Set<ErrorKind> REFUSALS =
            EnumSet.of(ErrorKind.POLICY_DENIED, ErrorKind.CONTENT_POLICY);

    private RaceRules() {}

    /**
     * How long the call is alone; null: to its end. A probe is: the fleet waits for what it says of
     * its lane.
     */
    static @Nullable Duration alone(RunState state, PlannedCall plan) {
        boolean races = !plan.probe() && state.route().limits().escalate() && twoLeft(state, plan);
        return races ? plan.terms().raceAfter() : null;
    }

    /**
     * Whether what the call uses leaves an attempt for another one, and a refusal. A visit is paid
     * for once, but refused as often as it is made.
     */
    private static boolean twoLeft(RunState state, PlannedCall plan) {
        Route.Limits limits = state.route().limits();
        EscalationPolicy policy = state.policy();
        Called before = state.history().last();
        boolean visitPaid =
                plan.inPlace() && before != null && policy.use(before) == AttemptUse.ATTEMPT;
        int own = visitPaid ? 0 : 1;
        return state.history().attemptsUsed(policy) + own < limits.maxAttempts()
                && state.history().refusals(policy) + 1 < limits.maxRefusals();
    }

    /**
     * The lanes that may join the call under way, in order: those that the request has not tried,
     * the next link's first.
     *
     * @param passed that its caps have stopped
     */
    static List<LaneId> backups(RunState state, PlannedCall primary, Set<LaneId> passed) {
        if (state.request().deadline().passed(state.lanes().now())) {
            return List.of();
        }
        return new Candidates(state)
                .list().stream()
                        .filter(each -> each.past() == Candidate.Past.UNTRIED)
                        .map(Candidate::lane)
                        .filter(lane -> !lane.equals(primary.lane().id()))
                        .filter(lane -> !passed.contains(lane))
                        .filter(state.lanes()::admitted)
                        .sorted(comparing(lane -> sameLink(state.route(), primary, lane)))
                        .toList();
    }

    private static boolean sameLink(Route route, PlannedCall primary, LaneId lane) {
        AppliedPolicy applied = route.policy();
        RoutingPolicy.Link own = applied == null ? null : applied.link(primary.lane().id());
        return applied != null && own != null && own.equals(applied.link(lane));
    }

    /** Whether nobody waits for the other one after this end: an answer, or a refusal to answer. */
    static boolean decides(EscalationPolicy policy, Called call) {
        ErrorKind kind = call.kind();
        return answers(policy, call)
                || brokeOff(policy, call)
                || (kind != null && REFUSALS.contains(kind));
    }

    /** Whether somebody has read the beginning of an answer that ends there. */
    static boolean brokeOff(EscalationPolicy policy, Called call) {
        return policy.action(call) == FailoverAction.BROKEN_OFF;
    }

    /** Why there is no winner, where this call says what the request does next. */
    static RaceEvent.Reason reason(EscalationPolicy policy, Called call) {
        ErrorKind kind = call.kind();
        if (brokeOff(policy, call)) {
            return RaceEvent.Reason.BROKEN_OFF;
        }
        if (kind == ErrorKind.CANCELLED) {
            return RaceEvent.Reason.CANCELLED;
        }
        return kind != null && REFUSALS.contains(kind)
                ? RaceEvent.Reason.REFUSED
                : RaceEvent.Reason.BOTH_FAILED;
    }

    /** Whether the call is what the request is answered with. */
    static boolean answers(EscalationPolicy policy, Called call) {
        return policy.action(call) == FailoverAction.RETURN;
    }

    /**
     * Which of two that have ended is looked at first: a failure, so that it is told as one; of two
     * answers the primary's, which has won.
     *
     * @param primary whether the other is
     */
    static boolean otherFirst(
            EscalationPolicy policy, Called ended, Called other, boolean primary) {
        return decides(policy, ended) && (primary || !decides(policy, other));
    }

    /**
     * Of two failures, whether the first says what the request does next: one that ends it counts
     * most, then one that a repair may mend, then the later.
     */
    static boolean decides(EscalationPolicy policy, Called first, Called last) {
        return weight(policy, first) > weight(policy, last);
    }

    /** Whether a failure may count more than a later one. */
    static boolean mayDecide(EscalationPolicy policy, Called call) {
        return weight(policy, call) > 0;
    }

    private static int weight(EscalationPolicy policy, Called call) {
        FailoverAction action = policy.action(call);
        if (!action.goesOn()) {
            return 2;
        }
        return action == FailoverAction.REPAIR ? 1 : 0;
    }
}
