package dev.gantry.escalation;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import dev.gantry.admission.Permit;
import dev.gantry.budget.BudgetReservation;
import dev.gantry.escalation.AttemptHistory.Called;
import dev.gantry.escalation.AttemptJudge.End;
import dev.gantry.inference.Cancellation;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.RaceEvent;
import dev.gantry.inference.RaceEvent.Reason;
import dev.gantry.limit.CallSize;
import dev.gantry.memory.Exhaustion;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * A call of a request that another one joins where it takes long: the first success wins, a failure
 * waits for the other. Each of the two has a thread, and all that a call takes, of its own;
 * whatever else there is to do is done on the request's thread, which stays here until both have
 * ended, however that comes about.
 */
final class Race {
    private final EscalationRun.Context context;
    private final EscalationPolicy policy;
    private final AttemptJudge judge;
    private final Supplier<RunState> states;
    private final InferenceRequest request;
    private final Runner primary;
    private final Duration alone;

    /** Those that have ended and were not looked at; the runners' threads add themselves. */
    private final BlockingQueue<Runner> finish = new LinkedBlockingQueue<>();

    /** Ends the wait for the ledger: nobody joins a call that has ended. */
    private final Cancellation tooLate = new Cancellation();

    /** Null: nobody joins. */
    private volatile @Nullable Runner backup;

    /** Whose answer is read along with: it leads, and the other is given up. Null: nobody's yet. */
    private final AtomicReference<@Nullable Runner> heard = new AtomicReference<>();

    /**
     * @param first is to make the planned call
     * @param alone how long nobody joins it
     */
    Race(
            EscalationRun.Context context,
            AttemptJudge judge,
            Supplier<RunState> states,
            LaneAttempt first,
            PlannedCall plan,
            Duration alone) {
        this.context = context;
        this.policy = context.policy();
        this.judge = judge;
        this.states = states;
        this.request = judge.request();
        this.primary = new Runner(first, plan);
        this.alone = alone;
    }

    /** One of the two. The request's thread looks at what came of it once it has ended. */
    private final class Runner {
        final LaneAttempt attempt;
        final PlannedCall plan;
        @Nullable Called called;
        @Nullable Throwable broken;

        // Both are used by the request's thread only.
        boolean underWay;
        boolean told;

        Runner(LaneAttempt attempt, PlannedCall plan) {
            this.attempt = attempt;
            this.plan = plan;
        }

        /** On its own thread, at each chunk. */
        boolean leads() {
            if (!heard.compareAndSet(null, this)) {
                return heard.get() == this;
            }
            tooLate.cancel();
            Runner other = this == primary ? backup : primary;
            if (other != null) {
                other.attempt.cancel();
            }
            return true;
        }

        void start(Callable<Called> work) {
            underWay = true;
            var _ = Thread.ofVirtual().name("race").start(() -> run(work));
        }

        private void run(Callable<Called> work) {
            try {
                called = work.call();
            } catch (Throwable bug) {
                Exhaustion.check(bug);
                broken = bug; // thrown again where the request is
            } finally {
                finish.add(this);
                tooLate.cancel();
            }
        }

        Called call() {
            return Objects.requireNonNull(called, "it has ended");
        }

        boolean answers() {
            return RaceRules.answers(policy, call());
        }

        void end(End how) {
            told = true;
            judge.ended(attempt, call(), how);
        }

        /** The request goes on without it. */
        void drop() {
            judge.drop(attempt, plan.id());
        }

        RaceEvent.Runner named() {
            return new RaceEvent.Runner(
                    plan.id(),
                    plan.lane().id(),
                    Objects.requireNonNull(plan.terms().step(), "only a policy has calls race"));
        }
    }

    /**
     * Has the call made, and another one beside it if need be.
     *
     * @return the attempt that the request ends with, or goes on with; nothing is left of the other
     */
    LaneAttempt run(LaneAttempt.Recorded recorded) throws InterruptedException {
        boolean over = false;
        try {
            primary.start(() -> primary.attempt.call(request, recorded.racing(primary::leads)));
            Runner ended = arrived(finish.poll(alone.toMillis(), MILLISECONDS));
            Runner last = ended == null ? joined() : alone();
            over = true;
            return last.attempt;
        } finally {
            if (!over) {
                giveUp();
            }
        }
    }

    private Runner alone() {
        primary.end(End.ALONE);
        return primary;
    }

    private Runner joined() throws InterruptedException {
        Runner second = join();
        Runner ended = awaitNext();
        if (second == null) {
            return alone();
        }
        Runner other = ended == primary ? second : primary;
        if (heard.get() == other) {
            await(other);
            return raced(other, ended, second);
        }
        boolean both = arrived(finish.poll()) != null;
        boolean otherFirst =
                both
                        && heard.get() == null
                        && RaceRules.otherFirst(
                                policy, ended.call(), other.call(), other == primary);
        return otherFirst ? raced(other, ended, second) : raced(ended, other, second);
    }

    private Runner raced(Runner leader, Runner follower, Runner second)
            throws InterruptedException {
        var pair = new RaceEvent.Pair(primary.named(), second.named(), alone);
        return heard.get() == leader || RaceRules.decides(policy, leader.call())
                ? decided(leader, follower, pair)
                : failed(leader, follower, pair);
    }

    /** Nobody waits for the follower. */
    private Runner decided(Runner leader, Runner follower, RaceEvent.Pair pair)
            throws InterruptedException {
        follower.attempt.cancel();
        await(follower);
        follower.end(End.LOST);
        follower.drop();
        leader.end(End.RACED);
        Reason first =
                leader == primary ? Reason.PRIMARY_FINISHED_FIRST : Reason.BACKUP_FINISHED_FIRST;
        if (leader.answers()) {
            won(pair, leader, first);
        } else {
            tell(new RaceEvent.Lost(pair, null, RaceRules.reason(policy, leader.call())));
        }
        return leader;
    }

    /** The leader has failed: what comes of the follower is waited for. */
    private Runner failed(Runner leader, Runner follower, RaceEvent.Pair pair)
            throws InterruptedException {
        leader.end(End.RACED);
        if (!RaceRules.mayDecide(policy, leader.call())) {
            leader.drop();
        }
        await(follower);
        follower.end(End.RACED);
        if (follower.answers()) {
            won(pair, follower, leader == primary ? Reason.PRIMARY_FAILED : Reason.BACKUP_FAILED);
        } else {
            boolean givenUp = context.cancellation().cancelled();
            Reason reason = givenUp ? Reason.CANCELLED : Reason.BOTH_FAILED;
            tell(new RaceEvent.Lost(pair, null, reason));
        }
        if (RaceRules.decides(policy, leader.call(), follower.call())) {
            follower.drop();
            judge.goOnWith(leader.plan.id());
            return leader;
        }
        leader.drop();
        return follower;
    }

    private void won(RaceEvent.Pair pair, Runner winner, Reason reason) {
        tell(new RaceEvent.Won(pair, winner.named()));
        tell(new RaceEvent.Lost(pair, winner.named(), reason));
    }

    private void tell(RaceEvent event) {
        context.recorder().raced(request, event);
    }

    /**
     * A second call, as long as there is a lane for it that the caps let pass; null: none joins.
     */
    private @Nullable Runner join() throws InterruptedException {
        Set<LaneId> passed = new HashSet<>();
        while (finish.isEmpty() && heard.get() == null && !context.cancellation().cancelled()) {
            RunState state = states.get();
            // All that may fail by a bug comes before the permit.
            Map<LaneId, PlannedCall> plans = new LinkedHashMap<>();
            for (LaneId lane : RaceRules.backups(state, primary.plan, passed)) {
                plans.put(lane, CallPlanner.beside(state, primary.plan, lane));
            }
            Permit permit =
                    context.means()
                            .admission()
                            .spare(List.copyOf(plans.keySet()), CallSize.of(request));
            if (permit == null) {
                return null;
            }
            var second =
                    new Runner(opened(permit), Objects.requireNonNull(plans.get(permit.lane())));
            backup = second;
            CostGate.Answer answer = new CostGate(context).ask(state, second.plan, tooLate);
            if (started(second, answer)) {
                return second;
            }
            second.attempt.close();
            backup = null;
            if (!(answer instanceof CostGate.Passed)) {
                return null; // what has stopped this one would stop each
            }
            passed.add(permit.lane());
        }
        return null;
    }

    private LaneAttempt opened(Permit permit) {
        return LaneAttempt.open(
                context.means(), permit, context.memory().hold(), context.cancellation());
    }

    private boolean started(Runner second, CostGate.Answer answer) {
        if (!(answer instanceof CostGate.Open(BudgetReservation reservation))) {
            return false;
        }
        second.attempt.covered(reservation);
        if (!finish.isEmpty() || heard.get() != null) {
            return false;
        }
        tell(new RaceEvent.Started(new RaceEvent.Pair(primary.named(), second.named(), alone)));
        second.start(
                () ->
                        second.attempt.call(
                                request,
                                second.attempt
                                        .record(request, second.plan, context.recorder())
                                        .racing(second::leads)));
        return true;
    }

    private Runner awaitNext() throws InterruptedException {
        return Objects.requireNonNull(arrived(finish.take()));
    }

    /** Until it has ended, which it may have by now. */
    private void await(Runner runner) throws InterruptedException {
        if (runner.underWay) {
            awaitNext();
        }
    }

    /** Null: nobody has. What only a bug can do is thrown here. */
    private static @Nullable Runner arrived(@Nullable Runner runner) {
        if (runner == null) {
            return null;
        }
        runner.underWay = false;
        switch (runner.broken) {
            case null -> {}
            case RuntimeException bug -> throw bug;
            case Error error -> throw error;
            case Throwable other -> throw new IllegalStateException(other);
        }
        return runner;
    }

    /** On the way out by a bug: nothing stays under way, and what was called is told. */
    private void giveUp() {
        List<Runner> both = Stream.of(primary, backup).filter(Objects::nonNull).toList();
        both.forEach(each -> each.attempt.cancel());
        boolean interrupted = false;
        while (both.stream().anyMatch(each -> each.underWay)) {
            try {
                finish.take().underWay = false;
            } catch (InterruptedException e) {
                interrupted = true; // they have been told to end, and are not left alone
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        try {
            End how = backup == null ? End.DROPPED : End.LOST;
            both.stream()
                    .filter(each -> each.called != null && !each.told)
                    .forEach(each -> each.end(how));
        } finally {
            if (backup != null) {
                backup.attempt.close();
                backup.attempt.hold().release();
            }
        }
    }
}
