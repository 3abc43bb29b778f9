package dev.gantry.escalation;

import dev.gantry.admission.AdmissionControl;
import dev.gantry.budget.BudgetLedger;
import dev.gantry.budget.RequestBudget;
import dev.gantry.circuit.Circuits;
import dev.gantry.inference.Cancellation;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.SuspendedRun;
import dev.gantry.memory.ByteBudget;
import dev.gantry.repair.LearntRepairs;
import dev.gantry.routing.LaneLatencies;
import dev.gantry.routing.LiveRoute;
import dev.gantry.routing.Route;

import java.time.InstantSource;
import java.util.Optional;

/**
 * Climbs a route until an answer, a refusal, the deadline or the end of the route; where no lane
 * takes the request now, it is suspended, to be resumed later.
 */
public final class EscalationLoop {
    private final LaneAttempt.Means means;
    private final ByteBudget memory;
    private final BudgetLedger budgets;

    public EscalationLoop(
            LaneCall calls,
            Circuits circuits,
            AdmissionControl admission,
            ByteBudget memory,
            BudgetLedger budgets,
            InstantSource clock) {
        this.means = new LaneAttempt.Means(calls, circuits, admission, new LearntRepairs(), clock);
        this.memory = memory;
        this.budgets = budgets;
    }

    /**
     * Calls lanes until the request has ended or has to wait. What a lane does is never an
     * exception here; an unchecked one is a bug of ours and ends the request.
     *
     * @param policy in force for this request, from its start to its end
     * @return empty: the last call has ended, and the recorder knows its conclusion
     */
    public Optional<SuspendedRun> run(
            InferenceRequest request,
            LiveRoute route,
            EscalationPolicy policy,
            Cancellation cancellation,
            AttemptRecorder recorder)
            throws InterruptedException {
        var context =
                new EscalationRun.Context(
                        means,
                        memory,
                        route,
                        policy,
                        cancellation,
                        recorder,
                        RequestBudget.of(request, policy.caps(), budgets, means.clock()));
        return EscalationRun.climb(context, request, AttemptHistory.EMPTY, null, null);
    }

    /** What {@link #run} would begin with, by all that this worker knows; nobody is called. */
    public DryRun dryRun(InferenceRequest request, Route route, LaneLatencies latencies) {
        return DryRun.of(request, route, means.states(latencies::of));
    }
}
