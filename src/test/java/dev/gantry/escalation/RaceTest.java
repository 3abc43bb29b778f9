package dev.gantry.escalation;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.circuit.state.LaneFailure;
import dev.gantry.inference.Answer;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptFate;
import dev.gantry.inference.AttemptKind;
import dev.gantry.inference.Caps;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FailoverRules;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Outcome.Abandoned;
import dev.gantry.inference.Outcome.Failed;
import dev.gantry.inference.Outcome.Refused;
import dev.gantry.inference.Outcome.Succeeded;
import dev.gantry.inference.RaceEvent;
import dev.gantry.inference.RaceEvent.Reason;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.provider.ProviderReply;
import dev.gantry.repair.Repair;
import dev.gantry.routing.Lane;
import dev.gantry.routing.RequestBuilder;
import dev.gantry.routing.Route;
import dev.gantry.routing.Router;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.TickingClock;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;

/** Two calls for one answer: who is started, who wins, and what is left of the other. */
@Timeout(120)
class RaceTest {
    private static final Lane A = lane("frontier:a:x:inference:m").build();
    private static final Lane A_TWO = lane("frontier:a:y:inference:m").weight(50).build();
    private static final Lane B = lane("frontier:b:x:inference:m").build();
    private static final Lane C = lane("frontier:c:x:inference:m").build();

    /** Any time is too long for a call that is held. */
    private static final Duration AT_ONCE = Duration.ofMillis(1);

    private final LoopFixture loop = new LoopFixture();
    private final HeldCall primary = new HeldCall();
    private final HeldCall backup = new HeldCall();
    private final Thread me = Thread.currentThread();

    @Test
    void aCallThatIsQuickEnoughRunsAlone() throws Exception {
        loop.provider.on(A, Replies.OK);

        Conclusion conclusion = run(policy(Duration.ofHours(1), 3), A, B);

        assertThat(conclusion.outcome()).isEqualTo(new Succeeded(conclusion.attempts().getFirst()));
        assertThat(loop.provider.lanes()).containsExactly(A.id());
        assertThat(loop.races).isEmpty();
    }

    @Test
    void withoutAPolicyNothingRaces() throws Exception {
        loop.provider.does(A, this::onItsOwnThread);

        Conclusion conclusion = loop.run(request(), settings(), A, B);

        assertThat(conclusion.outcome()).as("no thread but its own").isInstanceOf(Succeeded.class);
    }

    @Test
    void theNextLinkJoinsBeforeAnotherInstanceOfTheSame() throws Exception {
        loop.provider.does(A, primary).does(A_TWO, primary).on(B, Replies.OK);

        Conclusion conclusion = run(policy(AT_ONCE, 2, link("a"), link("b")), A, A_TWO, B);

        assertThat(conclusion.outcome()).isEqualTo(new Succeeded(attempt(conclusion, B)));
        assertThat(loop.provider.lanes()).hasSize(2).endsWith(B.id());
    }

    @Test
    void anotherInstanceJoinsWhereThereIsNoNextLink() throws Exception {
        loop.provider.does(A, primary).on(A_TWO, Replies.OK);

        Conclusion conclusion = run(policy(AT_ONCE, 2, link("a")), A, A_TWO);

        assertThat(loop.provider.lanes()).containsExactly(A.id(), A_TWO.id());
        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
    }

    /** Lessons 47 and 48, and Harn's race_lost. */
    @Test
    void theBackupWinsAndTheLoserIsCancelledAndSaysNothing() throws Exception {
        loop.provider
                .does(
                        A,
                        call -> {
                            assertThat(call.hold().tryTake(1000)).isTrue();
                            return primary.on(call);
                        })
                .does(
                        B,
                        call -> {
                            assertThat(call.hold().tryTake(7)).isTrue();
                            return Replies.OK;
                        });

        Conclusion conclusion = run(A, B);

        assertThat(conclusion.outcome()).isEqualTo(new Succeeded(attempt(conclusion, B)));
        assertThat(LoopFixture.kinds(conclusion))
                .containsExactly(AttemptKind.PRIMARY, AttemptKind.HEDGE);
        assertThat(fate(A)).isEqualTo(AttemptFate.RACE_LOST);
        assertThat(fate(B)).isEqualTo(AttemptFate.SELECTED);
        assertThat(LoopFixture.error(attempt(conclusion, A))).isEqualTo(ErrorKind.CANCELLED);
        assertThat(loop.heldAtTheEnd).as("the winner's answer").isEqualTo(7);
        assertRaced(B, A, Reason.BACKUP_FINISHED_FIRST);
    }

    @Test
    void thePrimaryWinsAndTheBackupIsCancelled() throws Exception {
        loop.provider
                .does(A, primary)
                .does(
                        B,
                        call -> {
                            primary.answers(Replies.OK);
                            return backup.on(call);
                        });

        Conclusion conclusion = run(A, B);

        assertThat(conclusion.outcome()).isEqualTo(new Succeeded(attempt(conclusion, A)));
        assertThat(fate(A)).isEqualTo(AttemptFate.SELECTED);
        assertThat(fate(B)).isEqualTo(AttemptFate.RACE_LOST);
        assertRaced(A, B, Reason.PRIMARY_FINISHED_FIRST);
    }

    /** Harn threw the healthy backup away. */
    @Test
    void lesson47AFailureOfThePrimaryWaitsForTheBackup() throws Exception {
        loop.provider
                .does(A, primary)
                .does(
                        B,
                        call -> {
                            primary.answers(Replies.BAD_KEY);
                            untilEnded(1);
                            assertThat(benched(A)).as("told while the other goes on").isTrue();
                            return Replies.OK;
                        });

        Conclusion conclusion = run(A, B);

        assertThat(conclusion.outcome()).isEqualTo(new Succeeded(attempt(conclusion, B)));
        assertThat(LoopFixture.error(attempt(conclusion, A))).isEqualTo(ErrorKind.AUTH);
        assertThat(fate(A)).isEqualTo(AttemptFate.UNSELECTED);
        assertRaced(B, A, Reason.PRIMARY_FAILED);
    }

    @Test
    void aFailureOfTheBackupWaitsForThePrimary() throws Exception {
        loop.provider.does(A, primary).on(B, Replies.BROKEN);
        var _ = onceEnded(1, () -> primary.answers(Replies.OK));

        Conclusion conclusion = run(A, B);

        assertThat(conclusion.outcome()).isEqualTo(new Succeeded(attempt(conclusion, A)));
        assertThat(fate(B)).isEqualTo(AttemptFate.UNSELECTED);
        assertRaced(A, B, Reason.BACKUP_FAILED);
    }

    @Test
    void lesson47BothFailedTheChainGoesOnAfterBoth() throws Exception {
        loop.provider.does(A, primary).on(B, Replies.BROKEN).on(C, Replies.OK);
        var _ = onceEnded(1, () -> primary.answers(Replies.OVERLOADED));

        Conclusion conclusion = run(A, B, C);

        assertThat(loop.provider.lanes())
                .as("neither is repeated in place")
                .containsExactly(A.id(), B.id(), C.id());
        assertThat(conclusion.outcome()).isEqualTo(new Succeeded(attempt(conclusion, C)));
        assertLost(Reason.BOTH_FAILED);
    }

    /** Each has its own time, also below a second. */
    @Test
    void lesson47BothTimeOutAndTheChainGoesOn() throws Exception {
        loop.provider.does(A, primary).on(B, Replies.TIMED_OUT).on(C, Replies.OK);
        var _ = onceEnded(1, () -> primary.answers(Replies.TIMED_OUT));
        RoutingPolicy policy =
                policy(
                        AT_ONCE,
                        3,
                        RoutingPolicy.Link.of("a", "m", null, Duration.ofMillis(900), null),
                        RoutingPolicy.Link.of("b", "m", null, Duration.ofMillis(300), null),
                        RoutingPolicy.Link.of("c", "m", null, null, null));

        Conclusion conclusion = run(policy, A, B, C);

        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
        assertThat(loop.provider.calls())
                .extracting(FakeProvider.Call::timeout)
                .containsExactly(
                        Duration.ofMillis(900), Duration.ofMillis(300), Duration.ofMinutes(1));
        assertLost(Reason.BOTH_FAILED);
    }

    @Test
    void bothFailedOnTheLastAttemptsIsTheEnd() throws Exception {
        loop.provider.does(A, primary).on(B, Replies.BROKEN);
        var _ = onceEnded(1, () -> primary.answers(Replies.TIMED_OUT));

        Conclusion conclusion = run(policy(AT_ONCE, 2), A, B, C);

        assertThat(conclusion.attempts()).hasSize(2);
        assertThat(((Failed) conclusion.outcome()).code())
                .isEqualTo(FailureCode.ESCALATION_EXHAUSTED);
        assertThat(((Failed) conclusion.outcome()).message())
                .contains(A.id().value(), B.id().value());
    }

    /** A refusal is never shopped around, whoever was asked before. */
    @Test
    void aRefusalByPolicyEndsTheRace() throws Exception {
        loop.provider
                .does(A, primary)
                .does(
                        B,
                        call -> {
                            primary.answers(Replies.FLAGGED);
                            return backup.on(call);
                        });

        Conclusion conclusion = run(A, B, C);

        assertThat(conclusion.outcome()).isEqualTo(new Refused(attempt(conclusion, A)));
        assertThat(loop.provider.lanes()).containsExactly(A.id(), B.id());
        assertThat(fate(B)).isEqualTo(AttemptFate.RACE_LOST);
        assertLost(Reason.REFUSED);
    }

    @Test
    void whatWouldHaveEndedTheRequestAloneStillWaitsForTheOther() throws Exception {
        loop.provider
                .does(A, primary)
                .does(
                        B,
                        _ -> {
                            primary.answers(Replies.BAD_REQUEST);
                            untilEnded(1);
                            return Replies.OK;
                        });

        assertThat(run(A, B).outcome()).isInstanceOf(Succeeded.class);
    }

    @Test
    void whatWouldHaveEndedTheRequestAloneEndsItOnceBothHaveFailed() throws Exception {
        loop.provider
                .does(A, primary)
                .does(
                        B,
                        _ -> {
                            primary.answers(Replies.BAD_REQUEST);
                            untilEnded(1);
                            return Replies.BROKEN;
                        });

        Conclusion conclusion = run(A, B, C);

        assertThat(conclusion.outcome()).isEqualTo(new Refused(attempt(conclusion, A)));
        assertThat(conclusion.attempts()).extracting(Attempt::lane).containsExactly(A.id(), B.id());
        Answer shown = attempt(conclusion, A).answer();
        assertThat(shown).isNotNull();
        assertThat(shown.body().size()).isPositive();
    }

    @Test
    void whatTheBackupRefusesByItsFormIsMendedOnceThePrimaryHasFailed() throws Exception {
        ProviderReply refused = Replies.error(400, "Unsupported parameter: 'temperature'");
        loop.provider.does(A, primary).on(B, refused, Replies.OK);
        var _ = onceEnded(1, () -> primary.answers(Replies.TIMED_OUT));

        Conclusion conclusion =
                run(request().members("model", "temperature").policy(policy(AT_ONCE, 2)), A, B, C);

        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
        assertThat(loop.provider.lanes()).containsExactly(A.id(), B.id(), B.id());
        assertThat(conclusion.attempts().getLast().dispatch().adaptation().dropped())
                .containsExactly("temperature");
    }

    @Test
    void aRequestGivenUpCancelsBoth() throws Exception {
        loop.provider.does(A, primary).does(B, backup);
        var _ =
                Thread.startVirtualThread(
                        () -> {
                            backup.awaitBegun();
                            loop.cancellation.cancel();
                        });

        Conclusion conclusion = run(A, B, C);

        assertThat(conclusion.outcome()).isInstanceOf(Abandoned.class);
        assertThat(conclusion.attempts())
                .hasSize(2)
                .allMatch(each -> LoopFixture.error(each) == ErrorKind.CANCELLED);
        assertThat(loop.fates).containsOnly(AttemptFate.UNSELECTED);
        assertLost(Reason.CANCELLED);
    }

    @Test
    void theDeadlineOfTheRequestEndsBoth() throws Exception {
        loop.provider
                .does(A, primary)
                .does(
                        B,
                        _ -> {
                            loop.clock.advance(Duration.ofMinutes(1));
                            primary.answers(Replies.TIMED_OUT);
                            return Replies.TIMED_OUT;
                        });

        Conclusion conclusion =
                run(
                        request()
                                .deadline(TickingClock.START.plusSeconds(30))
                                .policy(policy(AT_ONCE, 3)),
                        A,
                        B,
                        C);

        assertThat(conclusion.attempts()).hasSize(2);
        assertThat(((Failed) conclusion.outcome()).code()).isEqualTo(FailureCode.BATCH_EXPIRED);
    }

    /** Harn's own condition, {@code attempts_used + 2 <= max_attempts}. */
    @Test
    void thereIsNoRaceForTheLastAttempt() throws Exception {
        loop.provider.does(A, this::onItsOwnThread);

        Conclusion conclusion = run(policy(AT_ONCE, 1), A, B, C);

        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
    }

    @Test
    void thereIsNoRaceWhereTheFirstCallDecides() throws Exception {
        loop.provider.does(A, this::onItsOwnThread);

        Conclusion conclusion = run(request().escalate(false).policy(policy(AT_ONCE, 3)), A, B);

        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
    }

    @Test
    void thereIsNoRaceWithoutASecondLane() throws Exception {
        loop.provider.does(A, this::alone);

        run(A);

        assertThat(loop.races).isEmpty();
    }

    @Test
    void aBenchedLaneIsPassedOver() throws Exception {
        bench(B);
        loop.provider.does(A, primary).on(C, Replies.OK);

        run(A, B, C);

        assertThat(loop.provider.lanes()).containsExactly(A.id(), C.id());
    }

    /** A request that could do without it says nothing reliable of a lane. */
    @Test
    void theBackupIsNeverAProbe() throws Exception {
        bench(B);
        loop.clock.advance(Duration.ofHours(2));
        assertThat(loop.circuits.availability(B.id()))
                .isInstanceOf(LaneAvailability.HalfOpen.class);
        loop.provider.does(A, primary).on(C, Replies.OK);

        run(A, B, C);

        assertThat(loop.provider.lanes()).containsExactly(A.id(), C.id());
    }

    @Test
    void whatOtherRequestsWaitForIsNotTakenForASecondCall() throws Exception {
        loop.occupySlots(9);
        loop.provider.does(A, this::alone);

        run(A, B);

        assertThat(loop.provider.lanes()).containsExactly(A.id());
    }

    @Test
    void theBackupIsOnRecordBeforeItIsCalled() throws Exception {
        loop.provider
                .does(A, primary)
                .does(
                        B,
                        call -> {
                            assertThat(loop.dispatched).contains(call.dispatch());
                            return Replies.OK;
                        });

        Conclusion conclusion = run(A, B);

        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
        assertThat(loop.dispatched).extracting(each -> each.id().number()).containsExactly(1, 2);
        assertThat(loop.dispatched.getLast().step())
                .isEqualTo(new RoutingPolicy.Step("p", "b:m", "acme.routing"));
    }

    /** Waiting for the broker is no reason to ask, and pay, twice. */
    @Test
    void theTimeBeforeTheFirstByteDoesNotCount() throws Exception {
        long began = System.nanoTime();
        loop.dispatching =
                dispatch -> {
                    if (dispatch.id().number() == 1) {
                        await("much later", () -> System.nanoTime() - began > 20_000_000);
                        assertThat(loop.races).isEmpty();
                    }
                };
        loop.provider.on(A, Replies.OK).always(B, Replies.OK);

        assertThat(run(A, B).outcome()).isInstanceOf(Succeeded.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aBugInOneLeavesNothingOfTheOther(int attempt) throws Exception {
        loop.provider.does(A, primary).does(B, backup);
        loop.ending =
                ended -> {
                    if (ended.id().number() == attempt) {
                        throw new IllegalStateException("a bug of ours");
                    }
                };
        var _ =
                Thread.startVirtualThread(
                        () -> {
                            backup.awaitBegun();
                            primary.answers(Replies.OK);
                        });

        Conclusion conclusion = run(A, B);

        assertThat(((Failed) conclusion.outcome()).code()).isEqualTo(FailureCode.INTERNAL_ERROR);
        assertThat(loop.ended)
                .extracting(each -> each.id().number())
                .containsExactlyInAnyOrder(1, 2);
    }

    @Test
    void aDispatchThatABugKeepsFromTheRecordEndsTheRequestAndBothCalls() throws Exception {
        loop.provider.does(A, primary);
        loop.dispatching =
                dispatch -> {
                    if (dispatch.id().number() == 2) {
                        throw new IllegalStateException("a bug of ours");
                    }
                };

        Conclusion conclusion = run(A, B);

        assertThat(((Failed) conclusion.outcome()).code()).isEqualTo(FailureCode.INTERNAL_ERROR);
        assertThat(conclusion.attempts()).hasSize(1);
        assertThat(fate(A)).as("its answer is nobody's").isEqualTo(AttemptFate.RACE_LOST);
    }

    /** Whoever stops the thread stops the calls. */
    @Test
    void anInterruptedRequestLeavesNoCallUnderWay() throws Exception {
        loop.provider.does(A, primary).does(B, backup);
        var _ =
                Thread.startVirtualThread(
                        () -> {
                            backup.awaitBegun();
                            me.interrupt();
                        });

        assertThat(interrupted(() -> run(A, B))).isTrue();
        assertThat(loop.slotsHeld()).isZero();
        assertThat(loop.ended).as("both are metered").hasSize(2);
    }

    /** The fleet waits for what it says of its lane. */
    @Test
    void aProbeRunsAlone() {
        RunState state = state(2, AttemptHistory.EMPTY);

        assertThat(RaceRules.alone(state, CallPlanner.plan(state, A.id(), false)))
                .isEqualTo(AT_ONCE);
        assertThat(RaceRules.alone(state, CallPlanner.plan(state, A.id(), true))).isNull();
    }

    /** It is part of its lane's visit, which has used its attempt. */
    @Test
    void aRepeatInPlaceRacesWhileOneMoreAttemptIsLeft() {
        AttemptHistory broken = AttemptHistory.EMPTY.with(called(Replies.BROKEN));
        var again = new Next.Retry(A, Duration.ZERO, "retry", Repair.NONE);
        RunState two = state(2, broken);
        RunState one = state(1, broken);

        assertThat(RaceRules.alone(two, CallPlanner.plan(two, again))).isEqualTo(AT_ONCE);
        assertThat(RaceRules.alone(one, CallPlanner.plan(one, again))).isNull();
    }

    @Test
    void theBackupIsTheNextLaneThatTheRequestHasNotTried() {
        AttemptHistory broken = AttemptHistory.EMPTY.with(called(Replies.BROKEN));
        RunState state = state(3, broken);
        PlannedCall second = CallPlanner.plan(state, B.id(), false);

        assertThat(RaceRules.backups(state, second, Set.of())).containsExactly(C.id());
        assertThat(RaceRules.backups(state, second, Set.of(C.id()))).isEmpty();
    }

    private static RunState state(int attempts, AttemptHistory history) {
        InferenceRequest request = request().policy(policy(AT_ONCE, attempts)).build();
        Route route = new Router(List.of(A, B, C), settings().build()).route(request);
        return new RunState(
                request, route, EscalationPolicy.of(route), history, false, RandomRunTest.OPEN);
    }

    @Test
    void whoIsStoppedBeforeAnybodyJoinsHasLostNoRace() throws Exception {
        loop.provider.does(A, primary);
        var _ =
                Thread.startVirtualThread(
                        () -> {
                            primary.awaitBegun();
                            me.interrupt();
                        });

        assertThat(interrupted(() -> run(policy(Duration.ofHours(1), 3), A, B))).isTrue();
        assertThat(fate(A)).isEqualTo(AttemptFate.UNSELECTED);
    }

    /** A lane that loses races, and fails otherwise, fails. */
    @Test
    void lostRacesDoNotHideALanesFailures() throws Exception {
        loop.circuits.start();
        for (int race = 0; race < 10; race++) {
            loop.provider.does(A, new HeldCall()).on(B, Replies.OK);
            run(A, B);
        }
        for (int failure = 0; failure < 3; failure++) {
            loop.provider.on(A, Replies.BROKEN).on(B, Replies.OK);
            loop.run(request(), settings(), A, B);
        }

        loop.awaitReported("three of three bench it", () -> benched(A));
    }

    /** The primary's answer counts where both are there; a failure is told as one. */
    @Test
    void ofTwoThatAreBothReadyThePrimaryIsPreferred() {
        EscalationPolicy policy = StandardPolicy.INSTANCE;
        AttemptHistory.Called good = called(Replies.OK);
        AttemptHistory.Called bad = called(Replies.BROKEN);

        assertThat(RaceRules.otherFirst(policy, good, good, true)).isTrue();
        assertThat(RaceRules.otherFirst(policy, good, good, false)).isFalse();
        assertThat(RaceRules.otherFirst(policy, good, bad, true)).isTrue();
        assertThat(RaceRules.otherFirst(policy, good, bad, false)).isTrue();
        assertThat(RaceRules.otherFirst(policy, bad, good, true)).isFalse();
        assertThat(RaceRules.otherFirst(policy, bad, good, false)).isFalse();
    }

    private static AttemptHistory.Called called(ProviderReply reply) {
        var request = request().build();
        var plan =
                new PlannedCall(
                        request.attempt(1),
                        A,
                        AttemptKind.PRIMARY,
                        PlannedCall.Visit.COUNTED,
                        "test",
                        Repair.NONE,
                        0,
                        PlannedCall.Terms.NONE);
        return RandomRunTest.call(request, plan, reply);
    }

    /** Answers once it is settled that no other call joins this one. */
    private ProviderReply alone(FakeProvider.Call call) {
        await("nobody joins", () -> me.getState() == Thread.State.WAITING);
        return Replies.OK;
    }

    private ProviderReply onItsOwnThread(FakeProvider.Call call) {
        return Thread.currentThread().equals(me) ? Replies.OK : Replies.BAD_REQUEST;
    }

    private static void await(String what, Callable<Boolean> condition) {
        try {
            Await.until(what, condition);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private interface Run {
        Conclusion run() throws Exception;
    }

    private static boolean interrupted(Run run) throws Exception {
        try {
            run.run();
            return false;
        } catch (InterruptedException e) {
            return true;
        }
    }

    private void bench(Lane lane) {
        loop.circuits.failed(
                lane.id(),
                loop.circuits.now(),
                new LaneFailure(
                        ErrorKind.AUTH,
                        LaneFailure.Reach.LANE,
                        null,
                        "test",
                        LaneFailure.Proof.FACT));
        assertThat(benched(lane)).isTrue();
    }

    private boolean benched(Lane lane) {
        return loop.circuits.availability(lane.id()) instanceof LaneAvailability.Benched;
    }

    private void untilEnded(int attempts) {
        await("an attempt has ended", () -> loop.ended.size() == attempts);
    }

    private Thread onceEnded(int attempts, Runnable then) {
        return Thread.startVirtualThread(
                () -> {
                    untilEnded(attempts);
                    then.run();
                });
    }

    private void assertRaced(Lane winner, Lane loser, Reason reason) {
        assertThat(loop.races).hasSize(3);
        assertThat(loop.races.getFirst()).isInstanceOf(RaceEvent.Started.class);
        assertThat(loop.races.get(1)).isInstanceOf(RaceEvent.Won.class);
        RaceEvent.Won won = (RaceEvent.Won) loop.races.get(1);
        RaceEvent.Lost lost = (RaceEvent.Lost) loop.races.get(2);
        assertThat(won.winner().lane()).isEqualTo(winner.id());
        assertThat(won.winner()).isEqualTo(lost.winner());
        assertThat(lost.pair().rival(won.winner()).lane()).isEqualTo(loser.id());
        assertThat(lost.reason()).isEqualTo(reason);
    }

    private void assertLost(Reason reason) {
        assertThat(loop.races).hasSize(2);
        assertThat(loop.races.getFirst()).isInstanceOf(RaceEvent.Started.class);
        assertThat(loop.races.getLast()).isInstanceOf(RaceEvent.Lost.class);
        RaceEvent.Lost lost = (RaceEvent.Lost) loop.races.getLast();
        assertThat(lost.winner()).isNull();
        assertThat(lost.reason()).isEqualTo(reason);
    }

    private AttemptFate fate(Lane lane) {
        for (int at = 0; at < loop.ended.size(); at++) {
            if (loop.ended.get(at).lane().equals(lane.id())) {
                return loop.fates.get(at);
            }
        }
        throw new AssertionError(lane.id() + " was not called");
    }

    private static Attempt attempt(Conclusion conclusion, Lane lane) {
        return conclusion.attempts().stream()
                .filter(each -> each.lane().equals(lane.id()))
                .findFirst()
                .orElseThrow();
    }

    private Conclusion run(Lane... lanes) throws InterruptedException {
        return run(policy(AT_ONCE, 3), lanes);
    }

    private Conclusion run(RoutingPolicy policy, Lane... lanes) throws InterruptedException {
        return run(request().policy(policy), lanes);
    }

    private Conclusion run(RequestBuilder request, Lane... lanes) throws InterruptedException {
        return loop.run(request, settings(), lanes);
    }

    private static RoutingPolicy policy(Duration raceAfter, int attempts) {
        return policy(raceAfter, FailoverRules.merged(null, null, null, attempts, null, null));
    }

    private static RoutingPolicy policy(Duration raceAfter, FailoverRules rules) {
        return policy(raceAfter, rules, link("a"), link("b"), link("c"));
    }

    private static RoutingPolicy policy(
            Duration raceAfter, int attempts, RoutingPolicy.Link... links) {
        return policy(
                raceAfter, FailoverRules.merged(null, null, null, attempts, null, null), links);
    }

    private static RoutingPolicy policy(
            Duration raceAfter, FailoverRules rules, RoutingPolicy.Link... links) {
        return new RoutingPolicy(
                "p",
                List.of(links),
                rules,
                new RoutingPolicy.Latency(raceAfter, null),
                Caps.NONE,
                "acme.routing");
    }

    private static RoutingPolicy.Link link(String provider) {
        return RoutingPolicy.Link.of(provider, "m", null, null, null);
    }
}
