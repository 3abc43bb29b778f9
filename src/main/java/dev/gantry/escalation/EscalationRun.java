package dev.gantry.escalation;

import static java.util.Objects.requireNonNull;

import dev.gantry.admission.AdmissionRequest;
import dev.gantry.admission.AdmissionResult;
import dev.gantry.admission.Candidate;
import dev.gantry.admission.Permit;
import dev.gantry.admission.QueuedRequest;
import dev.gantry.budget.BudgetReservation;
import dev.gantry.budget.RequestBudget;
import dev.gantry.escalation.AttemptHistory.Called;
import dev.gantry.escalation.AttemptHistory.Skipped;
import dev.gantry.inference.Cancellation;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.Outcome;
import dev.gantry.inference.Outcome.Abandoned;
import dev.gantry.inference.Outcome.Failed;
import dev.gantry.inference.SuspendedRun;
import dev.gantry.inference.WhenBenched;
import dev.gantry.memory.ByteBudget;
import dev.gantry.memory.Hold;
import dev.gantry.routing.LiveRoute;
import dev.gantry.routing.Route;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One request on its way up, from its start or from where it waited: carries out what its policy
 * decides.
 */
final class EscalationRun {
    private static final Logger LOG = LoggerFactory.getLogger(EscalationRun.class);

    /** An error of so many bytes may wait with its request, which counts no memory then. */
    private static final int KEPT_BODY = 8192;

    private final Context context;
    private final LaneAttempt.Means means;
    private final CostGate gate;
    private final EscalationPolicy policy;
    private final InferenceRequest request;
    private final AttemptJudge judge;

    /** What the last call's answer takes of the worker's memory. */
    private Hold hold;

    private Route route;

    /** The last one: it has the slot. Null while the request has none. */
    private @Nullable LaneAttempt attempt;

    /**
     * A call in place that the ledger has kept waiting: its lane's permit is gone, but it is due
     * before anything else. Null: none.
     */
    private Next.@Nullable Retry owed;

    /** Where the request stands in line; null while it does not. */
    private @Nullable QueuedRequest place;

    /**
     * What stays the same however often the request waits.
     *
     * @param policy in force for this request
     * @param budget its caps, and what its session has cost
     */
    record Context(
            LaneAttempt.Means means,
            ByteBudget memory,
            LiveRoute route,
            EscalationPolicy policy,
            Cancellation cancellation,
            AttemptRecorder recorder,
            RequestBudget budget) {}

    private EscalationRun(Context context, InferenceRequest request, AttemptHistory history) {
        this.context = context;
        this.means = context.means();
        this.gate = new CostGate(context);
        this.policy = context.policy();
        this.request = request;
        this.route = context.route().last();
        this.judge = new AttemptJudge(context, request, history);
        this.hold = context.memory().hold();
    }

    /**
     * Makes moves until the request has ended or has to wait.
     *
     * @param granted the leave that it has waited for; null: it has none
     * @param owed the call in place that it has waited with; null: none
     * @return empty: it has ended
     */
    static Optional<SuspendedRun> climb(
            Context context,
            InferenceRequest request,
            AttemptHistory history,
            @Nullable Permit granted,
            Next.@Nullable Retry owed)
            throws InterruptedException {
        var run = new EscalationRun(context, request, history);
        run.owed = owed;
        try {
            Outcome outcome = run.outcome(granted);
            if (outcome == null) {
                QueuedRequest place = requireNonNull(run.place, "it waits, or it has ended");
                return Optional.of(
                        new WaitingRun(context, request, run.judge.history(), place, run.owed));
            }
            context.recorder()
                    .concluded(
                            new Conclusion(
                                    request,
                                    outcome,
                                    run.judge.history().attempts(),
                                    context.budget().sessionCost()));
            return Optional.empty();
        } finally {
            run.hold.release();
        }
    }

    /** Null: it waits. The slot is free afterwards. */
    private @Nullable Outcome outcome(@Nullable Permit granted) throws InterruptedException {
        try {
            attempt = granted == null ? null : open(granted);
            Outcome outcome = null;
            while (outcome == null && place == null) {
                outcome = move();
            }
            return outcome;
        } catch (RuntimeException bug) {
            LOG.atError()
                    .addKeyValue("request_id", request.id())
                    .setCause(bug)
                    .log("request ended by a bug");
            if (place != null) {
                place.leave();
            }
            if (attempt != null) {
                attempt.tellNothing(); // the policy may be what has the bug: it is not asked again
            }
            String what = "bug: " + bug.getClass().getSimpleName();
            return new Failed(FailureCode.INTERNAL_ERROR, what);
        } finally {
            if (attempt != null) {
                attempt.close();
            }
        }
    }

    /** One move; null: further moves follow. */
    private @Nullable Outcome move() throws InterruptedException {
        if (owed != null) {
            return again(owed.lane().id());
        }
        return switch (policy.next(state())) {
            case Next.Retry retry -> retry(retry);
            case Next.Enter(var ask) -> enter(ask, null);
            case Next.StandIn(var ask, Outcome otherwise) -> enter(ask, otherwise);
            case Next.Skip(var lane, String why) -> {
                judge.add(new Skipped(lane, why));
                yield null;
            }
            case Next.Reroute _ -> reroute();
            // Once cancelled, a failure may be the cancellation's own doing: it is no result.
            case Next.End(Failed _) when context.cancellation().cancelled() ->
                    ended(new Abandoned());
            case Next.End(Outcome outcome) -> ended(outcome);
            case Next.Blamed(Outcome outcome) -> blamed(outcome);
        };
    }

    private RunState state() {
        LaneStates lanes = means.states(context.route()::latency);
        boolean held = attempt != null && attempt.untold() != null;
        return new RunState(request, route, policy, judge.history(), held, lanes);
    }

    /** Calls the same lane again; its permit still holds. */
    private @Nullable Outcome retry(Next.Retry retry) throws InterruptedException {
        LaneAttempt before = attempt;
        if (before == null || before.untold() == null) {
            throw new IllegalStateException("a retry in place without its lane's permit");
        }
        if (context.cancellation().await(retry.pause())) {
            return ended(new Abandoned());
        }
        route = context.route().current();
        RunState state = state();
        Called last = state.history().last();
        if (last == null || !state.lanes().admitsAgain(last)) {
            return null; // benched meanwhile: the policy looks again
        }
        PlannedCall plan = CallPlanner.plan(state, retry);
        CostGate.Answer answer = gate.ask(state, plan, context.cancellation());
        if (answer instanceof CostGate.Open(BudgetReservation reservation)) {
            attempt = before.again(context.cancellation());
            call(attempt, plan, reservation);
            return null;
        }
        owed = answer instanceof CostGate.Silent && !before.probes() ? retry : null;
        return shut(answer);
    }

    /** The call in place that is owed, on its own lane only; where that takes none, none is. */
    private @Nullable Outcome again(LaneId lane) throws InterruptedException {
        RunState state = state();
        Instant deadline = request.deadline().at();
        if (!state.lanes().admitted(lane)
                || state.history().passedOver(lane)
                || !state.lanes().now().isBefore(deadline)) {
            owed = null;
            return null;
        }
        var only = List.of(new Candidate(lane, Instant.MIN));
        return enter(new AdmissionRequest(only, deadline, false, WhenBenched.FAIL), null);
    }

    /** No call, as the caps say. */
    private @Nullable Outcome shut(CostGate.Answer answer) {
        return switch (answer) {
            case CostGate.Passed(Skipped skipped) -> {
                judge.add(skipped);
                yield null;
            }
            case CostGate.Ended(Failed failed) -> ended(failed);
            case CostGate.Silent _ when context.cancellation().cancelled() ->
                    ended(new Abandoned());
            case CostGate.Silent _ -> {
                tell();
                forgetBody();
                place = gate.awaitLedger(request);
                context.recorder().waiting(request, place.reason(), place.until());
                yield null;
            }
            case CostGate.Open _ -> throw new IllegalStateException("the caps let it pass");
        };
    }

    /**
     * Calls the lane that it is let onto; waits in line where there is none.
     *
     * @param otherwise the outcome where all are benched; null: that they are
     */
    private @Nullable Outcome enter(AdmissionRequest ask, @Nullable Outcome otherwise)
            throws InterruptedException {
        tell();
        if (context.cancellation().cancelled()) {
            return ended(new Abandoned());
        }
        List<Skipped> hopeless = gate.hopeless(state(), ask.candidates());
        if (!hopeless.isEmpty()) {
            hopeless.forEach(judge::add);
            return null;
        }
        route = context.route().current();
        LaneAttempt last = attempt;
        if (last != null && !last.made()) {
            if (ask.wants(last.lane()) && !state().lanes().gone(last.lane())) {
                return call(last);
            }
            last.close(); // while it waited, the lane has left the catalogue, or the policy changed
            last = null;
        }
        if (otherwise == null || judge.history().lastBodySize() > KEPT_BODY) {
            forgetBody();
        }
        attempt = null;
        return switch (means.admission()
                .enter(ask.of(request), last == null ? null : last.handOver())) {
            case AdmissionResult.Granted(Permit permit) -> {
                attempt = open(permit);
                yield call(attempt);
            }
            case AdmissionResult.Waiting(QueuedRequest queued) -> {
                place = queued;
                context.recorder().waiting(request, queued.reason(), queued.until());
                yield null;
            }
            case AdmissionResult.AllBenched _ when owed != null -> {
                owed = null;
                yield null;
            }
            // There are lanes that it has not asked for yet.
            case AdmissionResult.AllBenched _ when ask.wider() != null ->
                    enter(ask.wider(), otherwise);
            case AdmissionResult.AllBenched _ when otherwise != null -> ended(otherwise);
            case AdmissionResult.AllBenched(Instant until, String reasons) ->
                    ended(new Failed(FailureCode.ALL_LANES_BENCHED, benched(until, reasons)));
        };
    }

    private static String benched(@Nullable Instant until, String reasons) {
        return "all lanes are benched until %s: %s"
                .formatted(until == null ? "an operator resets one" : until, reasons);
    }

    private LaneAttempt open(Permit permit) {
        return LaneAttempt.open(means, permit, hold, context.cancellation());
    }

    /** The call that the slot is for, if the caps let it; else the slot is free again. */
    private @Nullable Outcome call(LaneAttempt granted) throws InterruptedException {
        RunState state = state();
        PlannedCall plan =
                owed == null
                        ? CallPlanner.plan(state, granted.lane(), granted.probes())
                        : CallPlanner.plan(state, owed);
        CostGate.Answer answer = gate.ask(state, plan, context.cancellation());
        owed = answer instanceof CostGate.Silent ? owed : null;
        if (answer instanceof CostGate.Open(BudgetReservation reservation)) {
            call(granted, plan, reservation);
            return null;
        }
        granted.close();
        attempt = null;
        return shut(answer);
    }

    private void call(LaneAttempt granted, PlannedCall plan, BudgetReservation reservation)
            throws InterruptedException {
        granted.covered(reservation);
        forgetBody();
        LaneAttempt.Recorded recorded = granted.record(request, plan, context.recorder());
        Duration alone = plan.terms().raceAfter() == null ? null : RaceRules.alone(state(), plan);
        if (alone == null) {
            judge.ended(granted, granted.call(request, recorded), AttemptJudge.End.ALONE);
        } else {
            attempt = new Race(context, judge, this::state, granted, plan, alone).run(recorded);
            hold = attempt.hold();
        }
    }

    /**
     * The last answer did not end the request: its bytes are not kept while it goes on, or waits.
     */
    private void forgetBody() {
        judge.forgetBody();
        hold.release();
    }

    private void tell() {
        if (attempt != null) {
            judge.tell(attempt);
        }
    }

    /** The catalogue has changed so that nothing of the request's route is left. */
    private @Nullable Outcome reroute() {
        tell();
        forgetBody();
        if (attempt != null) {
            attempt.close();
            attempt = null;
        }
        route = context.route().reroute(request);
        return null;
    }

    /** The request was to blame: what its failures have opened is closed again. */
    private Outcome blamed(Outcome outcome) {
        judge.history().calls().stream()
                .map(Called::opening)
                .filter(opening -> opening != null)
                .forEach(means.circuits()::undo);
        return ended(outcome);
    }

    private Outcome ended(Outcome outcome) {
        tell();
        return outcome;
    }
}
