package dev.gantry.escalation;

import dev.gantry.admission.Candidate;
import dev.gantry.admission.LedgerWait;
import dev.gantry.budget.BudgetReservation;
import dev.gantry.budget.Exceeded;
import dev.gantry.budget.RequestBudget;
import dev.gantry.budget.Verdict;
import dev.gantry.escalation.AttemptHistory.Skipped;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptKind;
import dev.gantry.inference.Cancellation;
import dev.gantry.inference.Caps.OnExceed;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Outcome.Failed;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.time.Duration;
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

    /**
     * Sets aside what the call may cost; without a cap, nothing is looked at.
     *
     * @param cancellation ends the wait for the ledger
     */
    Answer ask(RunState state, PlannedCall plan, Cancellation cancellation)
            throws InterruptedException {
        if (!budget.capped()) {
            return FREE;
        }
        Attempt.Dispatch dispatch = dispatch(state, plan);
        Duration left = left(state.request());
        return switch (budget.reserve(plan.id(), projected(state, dispatch), left, cancellation)) {
            case Verdict.Granted(BudgetReservation reservation, List<Exceeded> warned) -> {
                warned.forEach(each -> tell(state, dispatch, each));
                yield new Open(reservation);
            }
            case Verdict.Refused(Exceeded exceeded) -> {
                boolean alone = plan.kind() != AttemptKind.HEDGE;
                tell(state, dispatch, alone ? exceeded : exceeded.skipping());
                yield refused(plan, dispatch, exceeded);
            }
            case Verdict.Unanswered _ -> new Silent();
        };
    }

    private static Answer refused(PlannedCall plan, Attempt.Dispatch dispatch, Exceeded exceeded) {
        return exceeded.onExceed() == OnExceed.ABORT
                ? new Ended(
                        new Failed(
                                FailureCode.BUDGET_EXCEEDED,
                                "%s: %s (%s tokens in, %s out)"
                                        .formatted(
                                                dispatch.lane(),
                                                exceeded.message(),
                                                dispatch.projectedInput(),
                                                dispatch.projectedOutput())))
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
            Attempt.Dispatch dispatch = dispatch(state, plan);
            Exceeded exceeded = budget.hopeless(projected(state, dispatch));
            if (exceeded != null) {
                tell(state, dispatch, exceeded);
                skipped.add(new Skipped(plan.lane(), exceeded.message()));
            }
        }
        return skipped;
    }

    /** Until the ledger answers, or the deadline passes. */
    LedgerWait awaitLedger(InferenceRequest request) {
        return new LedgerWait(budget.answer(left(request)));
    }

    private Duration left(InferenceRequest request) {
        return request.deadline().left(context.means().clock().instant());
    }

    private static Attempt.Dispatch dispatch(RunState state, PlannedCall plan) {
        return CallPlanner.dispatch(state.request(), plan, state.lanes().now());
    }

    static @Nullable BigDecimal projected(RunState state, Attempt.Dispatch dispatch) {
        return state.route().prices().projected(state.request(), dispatch);
    }

    private void tell(RunState state, Attempt.Dispatch dispatch, Exceeded exceeded) {
        context.recorder().capped(state.request(), dispatch, exceeded);
    }
}
