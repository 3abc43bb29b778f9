package dev.gantry.escalation;

import dev.gantry.admission.Candidate;
import dev.gantry.budget.BudgetReservation;
import dev.gantry.budget.Exceeded;
import dev.gantry.budget.RequestBudget;
import dev.gantry.budget.Verdict;
import dev.gantry.escalation.AttemptHistory.Skipped;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.Caps.OnExceed;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Outcome.Failed;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Asks a request's budget before each of its calls, and says what its caps have stopped. */
final class CostGate {
    private static final Answer FREE = new Open(BudgetReservation.NONE);

    private final EscalationRun.Context context;
    private final RequestBudget budget;

    CostGate(EscalationRun.Context context) {
        this.context = context;
        this.budget = context.budget();
    }

    /** Whether a call may be made. */
    sealed interface Answer {}

    /** It may. */
    record Open(BudgetReservation reservation) implements Answer {}

    /** Its lane is passed over. */
    record Passed(Skipped skipped) implements Answer {}

    /** The request ends. */
    record Ended(Failed outcome) implements Answer {}

    /** Nobody knows: the ledger does not answer. */
    record Silent() implements Answer {}

    /** Sets aside what the call may cost; without a cap, nothing is looked at. */
    Answer ask(RunState state, PlannedCall plan) throws InterruptedException {
        if (!budget.capped()) {
            return FREE;
        }
        BigDecimal projected = projected(state, plan);
        return switch (budget.reserve(plan.id(), projected, context.cancellation())) {
            case Verdict.Granted(BudgetReservation reservation, List<Exceeded> warned) -> {
                warned.forEach(each -> tell(state, plan, each));
                yield new Open(reservation);
            }
            case Verdict.Refused(Exceeded exceeded) -> {
                tell(state, plan, exceeded);
                yield refused(plan, exceeded);
            }
            case Verdict.Unanswered _ -> new Silent();
        };
    }

    private static Answer refused(PlannedCall plan, Exceeded exceeded) {
        return exceeded.onExceed() == OnExceed.ABORT
                ? new Ended(
                        new Failed(
                                FailureCode.BUDGET_EXCEEDED,
                                plan.lane().id() + ": " + exceeded.message()))
                : new Passed(new Skipped(plan.lane(), exceeded.message()));
    }

    /** Lanes that no settlement makes cheap enough: the request does not stand in line for them. */
    List<Skipped> hopeless(RunState state, List<Candidate> candidates) {
        if (!budget.capped()) {
            return List.of();
        }
        List<Skipped> skipped = new ArrayList<>();
        for (Candidate each : candidates) {
            PlannedCall plan = CallPlanner.plan(state, each.lane(), false);
            Exceeded exceeded = budget.hopeless(projected(state, plan));
            if (exceeded != null) {
                tell(state, plan, exceeded);
                skipped.add(new Skipped(plan.lane(), exceeded.message()));
            }
        }
        return skipped;
    }

    /** Until the ledger answers, the deadline passes or the request is cancelled. */
    void awaitLedger(InferenceRequest request) throws InterruptedException {
        Instant now = context.means().clock().instant();
        var _ = budget.awaitLedger(request.deadline().left(now), context.cancellation());
    }

    private static @Nullable BigDecimal projected(RunState state, PlannedCall plan) {
        Attempt.Dispatch dispatch =
                CallPlanner.dispatch(state.request(), plan, state.lanes().now());
        return state.route().prices().projected(state.request(), dispatch);
    }

    private void tell(RunState state, PlannedCall plan, Exceeded exceeded) {
        context.recorder().capped(state.request(), plan.id(), plan.lane().id(), exceeded);
    }
}
