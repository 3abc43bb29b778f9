package dev.gantry.escalation;

import dev.gantry.admission.Candidate;
import dev.gantry.budget.CapRules;
import dev.gantry.budget.Exceeded;
import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.Caps;
import dev.gantry.inference.Dialect;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.Outcome;
import dev.gantry.provider.Providers;
import dev.gantry.repair.Repair;
import dev.gantry.routing.Route;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * The first step of a request's run, decided as the loop decides it, and not taken: nobody is
 * called.
 */
public sealed interface DryRun {
    /**
     * It would call one of its lanes.
     *
     * @param calls what the first call of each would be, in the order in which they are tried
     */
    record Enters(List<Call> calls) implements DryRun {
        public Enters {
            calls = List.copyOf(calls);
        }
    }

    /**
     * A call that is not made.
     *
     * @param asked whether its lane is among those that are asked for now; by the deadline, others
     *     are asked for later
     * @param projected what it may cost, in US dollars; null: not known
     * @param exceeded the cap that it would pass by itself, whatever its session has spent; null:
     *     none
     * @param unsayable what its lane's dialect has no form for: the call would fail with nothing
     *     sent; null: nothing
     */
    record Call(
            Attempt.Dispatch dispatch,
            boolean asked,
            @Nullable BigDecimal projected,
            @Nullable Exceeded exceeded,
            @Nullable String unsayable) {}

    /** It would end before any call. */
    record Ends(FailureCode code, String message) implements DryRun {}

    /**
     * What a worker would do that knows nothing else, and has nothing else to do.
     *
     * @param availability of each lane
     */
    static DryRun of(
            InferenceRequest request,
            Route route,
            Function<LaneId, LaneAvailability> availability,
            Instant now) {
        return of(
                request,
                route,
                new LaneStates(
                        now,
                        availability,
                        (_, _, _) -> false,
                        (_, _) -> Repair.NONE,
                        _ -> null,
                        (_, _) -> Duration.ZERO));
    }

    /** What the loop would do that is told this of the world. */
    static DryRun of(InferenceRequest request, Route route, LaneStates lanes) {
        EscalationPolicy policy = EscalationPolicy.of(route);
        RunState start = new RunState(request, route, policy, AttemptHistory.EMPTY, false, lanes);
        return switch (policy.next(start)) {
            case Next.Enter(var ask) -> new Enters(calls(start, ask.candidates()));
            case Next.End(Outcome.Failed(FailureCode code, String message, _)) ->
                    new Ends(code, message);
            case Next.StandIn _,
                    Next.Reroute _,
                    Next.End _,
                    Next.Blamed _,
                    Next.Retry _,
                    Next.Skip _ ->
                    new Ends(
                            FailureCode.NO_LANE_AVAILABLE,
                            "the lanes of its route are no longer offered");
        };
    }

    /** Those that are asked for, and those that follow. */
    private static List<Call> calls(RunState start, List<Candidate> asked) {
        List<LaneId> now = asked.stream().map(Candidate::lane).toList();
        return Stream.concat(
                        now.stream(), new Candidates(start).list().stream().map(Candidate::lane))
                .distinct()
                .map(lane -> call(start, lane, now.contains(lane)))
                .toList();
    }

    private static Call call(RunState start, LaneId lane, boolean asked) {
        PlannedCall plan = CallPlanner.plan(start, lane, false);
        Attempt.Dispatch dispatch =
                CallPlanner.dispatch(start.request(), plan, start.lanes().now());
        BigDecimal projected = CostGate.projected(start, dispatch);
        Caps caps = start.request().options().caps().and(start.policy().caps());
        Dialect dialect = plan.lane().target().dialect();
        String why = Providers.unsayable(dialect, start.request(), dispatch);
        return new Call(
                dispatch,
                asked,
                projected,
                CapRules.call(caps, projected),
                why == null ? null : "dialect %s: %s".formatted(dialect.label(), why));
    }
}
