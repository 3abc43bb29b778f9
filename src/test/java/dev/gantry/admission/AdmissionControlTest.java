package dev.gantry.admission;

import static org.assertj.core.api.Assertions.assertThat;

import static java.util.Objects.requireNonNull;

import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.state.CircuitSettings;
import dev.gantry.circuit.state.CircuitTarget;
import dev.gantry.circuit.state.LaneFailure;
import dev.gantry.circuit.state.LaneFailure.Reach;
import dev.gantry.circuit.state.OperatorAction;
import dev.gantry.circuit.state.OperatorAction.Open;
import dev.gantry.circuit.state.QuotaScope;
import dev.gantry.circuit.state.ScopeMembership;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.ModelType;
import dev.gantry.inference.Tier;
import dev.gantry.inference.WhenBenched;
import dev.gantry.limit.CallSize;
import dev.gantry.testbed.Await;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Slots, shares, lines and who is woken, on circuits without a database and a clock by hand. */
class AdmissionControlTest {
    private static final Instant START = Instant.parse("2026-11-20T12:00:00Z");
    private static final LaneId A = lane("a");
    private static final LaneId B = lane("b");
    private static final LaneId B_OTHER =
            new LaneId(Tier.CLOUD, "b", "main", ModelType.INFERENCE, "other");

    private volatile Instant now = START;
    private final Circuits circuits =
            Circuits.localOnly(CircuitSettings.DEFAULT, members(A, B, B_OTHER), () -> now);
    private boolean room = true;
    private final List<String> woken = new ArrayList<>();

    @Test
    void grantsUpToTheSlotsAndLetsTheRestStandInLine() {
        AdmissionControl admission = admission(2, 1);

        Permit first = granted(admission.enter(ask(A), null));
        Permit second = granted(admission.enter(ask(A), null));
        QueuedRequest third = waiting(admission.enter(ask(A), null));

        assertThat(third.reason()).isEqualTo(WaitReason.SLOTS);
        assertThat(admission.slotsHeld()).isEqualTo(2);

        third.whenOver(() -> woken.add("third"));
        admission.leave(first);

        assertThat(woken).containsExactly("third");
        Permit permit = third.permit();
        assertThat(permit).isNotNull();
        admission.leave(second);
        admission.leave(permit);
        assertThat(admission.slotsHeld()).isZero();
    }

    /** As things are now, whatever it was when they joined their lines. */
    @Test
    void onlyWhoseLaneTakesCallsWouldGoOnWithMoreWorkers() {
        AdmissionControl admission = admission(1, 1);
        granted(admission.enter(ask(A), null));
        QueuedRequest one = waiting(admission.enter(ask(A), null));
        QueuedRequest either = waiting(admission.enter(ask(A, B), null));

        assertThat(one.wantsOnlyRoom(admission.takesCalls())).isTrue();
        bench(A, Duration.ofMinutes(1));

        assertThat(one.wantsOnlyRoom(admission.takesCalls())).isFalse();
        assertThat(either.wantsOnlyRoom(admission.takesCalls())).isTrue();
        pass(admission, Duration.ofMinutes(2));
        assertThat(one.wantsOnlyRoom(admission.takesCalls())).isTrue();
    }

    /** Legion's pools dropped work when full, and its lock stood in its own handler's way. */
    @Test
    void lesson19DropsNobodyWhenFullAndLetsWhoIsWokenComeBackAtOnce() {
        AdmissionControl admission = admission(1, 1);
        Permit first = granted(admission.enter(ask(A), null));
        for (int each = 0; each < 1_000; each++) {
            String name = "r" + each;
            QueuedRequest place = waiting(admission.enter(ask(A), null));
            place.whenOver(
                    () -> {
                        woken.add(name);
                        admission.leave(requireNonNull(place.permit()));
                    });
        }

        admission.leave(first);

        assertThat(woken).hasSize(1_000).doesNotHaveDuplicates();
        assertThat(admission.slotsHeld()).isZero();
    }

    @Test
    void aSecondCallTakesWhatNobodyWaitsForAndDoesNotWait() {
        AdmissionControl admission = admission(2, 1);
        granted(admission.enter(ask(A), null));

        Permit second = admission.spare(List.of(B, A), CallSize.NONE);
        Permit third = admission.spare(List.of(B, A), CallSize.NONE);

        assertThat(requireNonNull(second).lane()).isEqualTo(B);
        assertThat(third).as("no slot is left").isNull();
        QueuedRequest other = waiting(admission.enter(ask(A), null));
        admission.leave(second);
        assertThat(other.permit()).as("those in line go first").isNotNull();
        assertThat(admission.spare(List.of(), CallSize.NONE)).isNull();
    }

    @Test
    void aSecondCallIsNeverAProbe() throws Exception {
        AdmissionControl admission = admission(4, 1);
        circuits.start();
        circuits.operate(
                new OperatorAction(
                        new CircuitTarget("b:main"), new Open(Duration.ofSeconds(1)), "", "test"));
        now = now.plusSeconds(2);
        Await.until(
                "a probe of b is ready",
                () -> {
                    circuits.wanted(B);
                    return circuits.probesReady();
                });

        assertThat(admission.spare(List.of(B), CallSize.NONE)).isNull();
        assertThat(requireNonNull(admission.spare(List.of(B, A), CallSize.NONE)).lane())
                .isEqualTo(A);
        assertThat(granted(admission.enter(ask(B), null)))
                .as("whoever asks for it alone is")
                .isInstanceOf(Permit.Probing.class);
        circuits.close();
    }

    @Test
    void aLaneHoldsNoMoreThanItsShareWhileOthersWantTheirs() {
        AdmissionControl admission = admission(4, 0.5);
        admission.leave(granted(admission.enter(ask(B), null)));

        granted(admission.enter(ask(A), null));
        granted(admission.enter(ask(A), null));
        QueuedRequest third = waiting(admission.enter(ask(A), null));

        assertThat(third.reason()).isEqualTo(WaitReason.SHARE);
        granted(admission.enter(ask(B), null));
        granted(admission.enter(ask(B), null));
    }

    @Test
    void aProviderHoldsNoMoreThanTheShareHoweverManyModelsItHas() {
        AdmissionControl admission = admission(4, 0.5);
        admission.leave(granted(admission.enter(ask(A), null)));

        granted(admission.enter(ask(B), null));
        granted(admission.enter(ask(B_OTHER), null));

        assertThat(waiting(admission.enter(ask(B_OTHER), null)).reason())
                .isEqualTo(WaitReason.SHARE);
    }

    @Test
    void aLaneThatHangsLeavesItsSiblingAFairPartAndTheRestToOthers() {
        AdmissionControl admission = admission(16, 0.5);
        admission.leave(granted(admission.enter(ask(A), null)));
        admission.leave(granted(admission.enter(ask(B_OTHER), null)));

        enter(admission, B, 8);
        assertThat(waiting(admission.enter(ask(B), null)).reason()).isEqualTo(WaitReason.SHARE);
        enter(admission, B_OTHER, 4);
        assertThat(waiting(admission.enter(ask(B_OTHER), null)).reason())
                .isEqualTo(WaitReason.SHARE);
        enter(admission, A, 4);
    }

    @Test
    void aPlaceThatALaneGivesBackIsItsSiblingsTurn() {
        AdmissionControl admission = admission(16, 0.5);
        admission.leave(granted(admission.enter(ask(A), null)));
        admission.leave(granted(admission.enter(ask(B_OTHER), null)));
        List<Permit> hogging = enter(admission, B, 8);
        List<Permit> fair = enter(admission, B_OTHER, 4);
        QueuedRequest sibling = waiting(admission.enter(ask(B_OTHER), null));
        sibling.whenOver(() -> woken.add("sibling"));
        waiting(admission.enter(ask(B), null)).whenOver(() -> woken.add("hog"));

        admission.leave(fair.getFirst());

        assertThat(woken).containsExactly("sibling");
        admission.leave(hogging.getFirst());
        assertThat(woken).containsExactly("sibling");
    }

    @Test
    void whoDoesNotWaitForBenchedLanesIsToldWhenItsLastOneCloses() {
        AdmissionControl admission = admission(1, 1);
        granted(admission.enter(ask(A), null));
        AdmissionRequest impatient =
                new AdmissionRequest(
                        List.of(new Candidate(A, Instant.MIN), new Candidate(B, Instant.MIN)),
                        START.plusSeconds(3600),
                        true,
                        WhenBenched.FAIL);
        QueuedRequest queued = waiting(admission.enter(impatient, null));
        queued.whenOver(() -> woken.add("impatient"));
        bench(A, Duration.ofSeconds(20));
        admission.lookAround();
        assertThat(woken).isEmpty();

        bench(B, Duration.ofSeconds(20));
        admission.lookAround();

        assertThat(woken).containsExactly("impatient");
        assertThat(queued.permit()).isNull();
        assertThat(admission.enter(impatient, null)).isInstanceOf(AdmissionResult.AllBenched.class);
    }

    @Test
    void aLaneThatNobodyElseCompetesWithTakesEverySlot() {
        AdmissionControl admission = admission(4, 0.5);

        for (int each = 0; each < 4; each++) {
            granted(admission.enter(ask(A), null));
        }

        assertThat(waiting(admission.enter(ask(A), null)).reason()).isEqualTo(WaitReason.SLOTS);
    }

    @Test
    void aLaneTakesEverySlotWhileTheOthersAreBenched() {
        AdmissionControl admission = admission(4, 0.5);
        admission.leave(granted(admission.enter(ask(B), null)));
        bench(B, Duration.ofSeconds(20));
        waiting(admission.enter(ask(B), null));

        for (int each = 0; each < 4; each++) {
            granted(admission.enter(ask(A), null));
        }

        assertThat(admission.slotsHeld()).isEqualTo(4);
    }

    @Test
    void theSharedSurplusGoesNowhereElseThanItsLane() {
        AdmissionControl admission = admission(4, 0.5);
        admission.leave(granted(admission.enter(ask(B), null)));
        Permit first = granted(admission.enter(ask(A, B), null));
        granted(admission.enter(ask(A, B), null));

        QueuedRequest third = waiting(admission.enter(ask(A, B), null));
        third.whenOver(() -> woken.add("third"));
        admission.leave(first);

        assertThat(woken).containsExactly("third");
        Permit permit = third.permit();
        assertThat(permit).isNotNull();
        assertThat(permit.lane()).isEqualTo(A);
    }

    @Test
    void whoWaitedForRoomOnALaneLooksFurtherOnceItIsBenched() {
        AdmissionControl admission = admission(4, 0.5);
        admission.leave(granted(admission.enter(ask(B), null)));
        granted(admission.enter(ask(A, B), null));
        granted(admission.enter(ask(A, B), null));
        QueuedRequest third = waiting(admission.enter(ask(A, B), null));
        third.whenOver(() -> woken.add("third"));

        bench(A, Duration.ofSeconds(20));
        admission.lookAround();

        assertThat(woken).containsExactly("third");
        Permit permit = third.permit();
        assertThat(permit).isNotNull();
        assertThat(permit.lane()).isEqualTo(B);
    }

    @Test
    void skipsABenchedLane() {
        AdmissionControl admission = admission(4, 1);
        bench(A, Duration.ofSeconds(20));

        Permit permit = granted(admission.enter(ask(A, B), null));

        assertThat(permit.lane()).isEqualTo(B);
    }

    /** Lesson 41. */
    @Test
    void aHealthyLaneInFrontDoesNotStarveTheProbeOfOneBehind() throws Exception {
        AdmissionControl admission = admission(4, 1);
        circuits.start();
        circuits.operate(
                new OperatorAction(
                        new CircuitTarget("b:main"), new Open(Duration.ofSeconds(1)), "", "test"));
        now = now.plusSeconds(2);

        Await.until(
                "b is probed",
                () -> {
                    Permit permit = granted(admission.enter(ask(A, B), null));
                    admission.leave(permit);
                    return permit.lane().equals(B) && permit instanceof Permit.Probing;
                });

        circuits.close();
    }

    @Test
    void releasesInDeadlineOrderAndOneAtATimeAfterAClose() {
        AdmissionControl admission = admission(10, 1);
        bench(A, Duration.ofSeconds(20));
        List<QueuedRequest> places = new ArrayList<>();
        for (int hours : new int[] {3, 1, 2}) {
            QueuedRequest queued =
                    waiting(admission.enter(ask(START.plus(Duration.ofHours(hours)), A), null));
            queued.whenOver(() -> woken.add(hours + " h"));
            places.add(queued);
        }

        pass(admission, Duration.ofSeconds(30));

        assertThat(woken).containsExactly("1 h");

        answered(admission, places.get(1));

        assertThat(woken).containsExactly("1 h", "2 h", "3 h");
    }

    @Test
    void aRequestThatWaitsForSeveralLanesTakesTheFirstThatReopens() {
        AdmissionControl admission = admission(10, 1);
        bench(A, Duration.ofSeconds(60));
        bench(B, Duration.ofSeconds(20));
        QueuedRequest queued = waiting(admission.enter(ask(A, B), null));
        queued.whenOver(() -> woken.add("place"));

        pass(admission, Duration.ofSeconds(30));

        assertThat(woken).containsExactly("place");
        Permit permit = queued.permit();
        assertThat(permit).isNotNull();
        assertThat(permit.lane()).isEqualTo(B);
        pass(admission, Duration.ofSeconds(60));
        assertThat(admission.slotsHeld()).isEqualTo(1);
    }

    @Test
    void aDeadlineEndsTheWaitWithoutAPermit() {
        AdmissionControl admission = admission(10, 1);
        bench(A, Duration.ofHours(20));
        QueuedRequest queued = waiting(admission.enter(ask(START.plusSeconds(90), A), null));
        queued.whenOver(() -> woken.add("place"));

        pass(admission, Duration.ofSeconds(90));

        assertThat(woken).containsExactly("place");
        assertThat(queued.permit()).isNull();
    }

    @Test
    void aLaneThatRestsForARequestIsOpenToOthers() {
        AdmissionControl admission = admission(10, 1);
        AdmissionRequest later =
                new AdmissionRequest(
                        List.of(new Candidate(A, START.plusSeconds(5))),
                        START.plusSeconds(3600),
                        true,
                        WhenBenched.WAIT);
        QueuedRequest queued = waiting(admission.enter(later, null));
        queued.whenOver(() -> woken.add("rested"));

        granted(admission.enter(ask(A), null));
        pass(admission, Duration.ofSeconds(4));
        assertThat(woken).isEmpty();
        pass(admission, Duration.ofSeconds(1));

        assertThat(woken).containsExactly("rested");
    }

    @Test
    void whoHoldsASlotKeepsItForTheNextLane() {
        AdmissionControl admission = admission(1, 1);
        Permit first = granted(admission.enter(ask(A), null));
        QueuedRequest behind = waiting(admission.enter(ask(A), null));
        behind.whenOver(() -> woken.add("behind"));

        admission.told(first, CallFeedback.NOTHING);
        Permit next = granted(admission.enter(ask(B), first));

        assertThat(next.lane()).isEqualTo(B);
        assertThat(woken).isEmpty();
        admission.leave(next);
        assertThat(woken).containsExactly("behind");
    }

    @Test
    void whoHasToWaitGivesItsSlotToTheNext() {
        AdmissionControl admission = admission(1, 1);
        Permit first = granted(admission.enter(ask(A), null));
        QueuedRequest behind = waiting(admission.enter(ask(A), null));
        behind.whenOver(() -> woken.add("behind"));
        bench(B, Duration.ofSeconds(20));

        admission.told(first, CallFeedback.NOTHING);
        waiting(admission.enter(ask(B), first));

        assertThat(woken).containsExactly("behind");
        assertThat(admission.slotsHeld()).isEqualTo(1);
    }

    @Test
    void leavingTheLineGivesBackWhatWasGrantedMeanwhile() {
        AdmissionControl admission = admission(1, 1);
        Permit first = granted(admission.enter(ask(A), null));
        QueuedRequest second = waiting(admission.enter(ask(A), null));
        admission.leave(first);
        assertThat(admission.slotsHeld()).isEqualTo(1);

        second.leave();

        assertThat(admission.slotsHeld()).isZero();
    }

    @Test
    void failsAtOnceWhereEveryLaneIsBenchedAndNobodyWaits() {
        AdmissionControl admission = admission(1, 1);
        bench(A, Duration.ofSeconds(20));
        AdmissionRequest ask =
                new AdmissionRequest(
                        List.of(new Candidate(A, Instant.MIN)),
                        START.plusSeconds(3600),
                        true,
                        WhenBenched.FAIL);

        AdmissionResult result = admission.enter(ask, null);

        assertThat(result)
                .isInstanceOfSatisfying(
                        AdmissionResult.AllBenched.class,
                        all -> {
                            assertThat(all.until()).isAfter(START.plusSeconds(19));
                            assertThat(all.reasons()).contains(A.value(), "benched until", "429");
                        });
        assertThat(admission.slotsHeld()).isZero();
    }

    @Test
    void fiftyThousandWaitersAreHeldAndLetGoOneByOne() {
        AdmissionControl admission = admission(10, 1);
        bench(A, Duration.ofSeconds(20));
        List<QueuedRequest> places = new ArrayList<>();
        for (int each = 0; each < 50_000; each++) {
            QueuedRequest queued = waiting(admission.enter(ask(A), null));
            queued.whenOver(() -> woken.add("one"));
            places.add(queued);
        }

        pass(admission, Duration.ofSeconds(30));

        assertThat(woken).hasSize(1);
        places.forEach(QueuedRequest::leave);
        assertThat(admission.slotsHeld()).isZero();
    }

    @Test
    void withoutMemoryNobodyIsLetGoNotEvenWithASlot() {
        AdmissionControl admission = admission(2, 1);
        Permit held = granted(admission.enter(ask(A), null));
        room = false;

        QueuedRequest newcomer = waiting(admission.enter(ask(A), null));
        QueuedRequest next = waiting(admission.enter(ask(B), held));

        assertThat(newcomer.reason()).isEqualTo(WaitReason.MEMORY);
        assertThat(next.reason()).isEqualTo(WaitReason.MEMORY);
        assertThat(admission.slotsHeld()).isZero();
    }

    @Test
    void whoWaitsForMemoryGoesOnWhenThereIsSome() {
        AdmissionControl admission = admission(2, 1);
        room = false;
        QueuedRequest first = waiting(admission.enter(ask(A), null));
        QueuedRequest second = waiting(admission.enter(ask(B), null));
        first.whenOver(() -> woken.add("first"));
        second.whenOver(() -> woken.add("second"));
        admission.lookAround();
        assertThat(woken).isEmpty();

        room = true;
        admission.lookAround();

        assertThat(woken).containsExactlyInAnyOrder("first", "second");
    }

    @Test
    void aProbeToo() {
        AdmissionControl admission = admission(2, 1);
        bench(A, Duration.ofSeconds(20));
        pass(admission, Duration.ofSeconds(21));
        room = false;

        assertThat(waiting(admission.enter(ask(A), null)).permit()).isNull();
        assertThat(admission.slotsHeld()).isZero();
    }

    @Test
    void whoWaitsForALaneThatGoesTakesAnother() {
        AdmissionControl admission = admission(4, 1);
        bench(A, Duration.ofMinutes(5));
        bench(B, Duration.ofMinutes(1));
        QueuedRequest queued = waiting(admission.enter(ask(A, B), null));
        queued.whenOver(() -> woken.add("waiter"));

        circuits.offer(members(B));
        admission.leaveGone();

        assertThat(woken).isEmpty();
        pass(admission, Duration.ofMinutes(2));
        assertThat(woken).containsExactly("waiter");
        assertThat(queued.permit()).extracting(Permit::lane).isEqualTo(B);
    }

    @Test
    void whoseEveryLaneGoesIsLetGoWithoutAPermit() {
        AdmissionControl admission = admission(4, 1);
        bench(A, Duration.ofMinutes(5));
        bench(B_OTHER, Duration.ofMinutes(5));
        List<QueuedRequest> places =
                List.of(
                        waiting(admission.enter(ask(A), null)),
                        waiting(admission.enter(ask(A, B_OTHER), held(admission, B))));
        places.forEach(each -> each.whenOver(() -> woken.add("waiter")));

        circuits.offer(members(B));
        admission.leaveGone();

        assertThat(woken).hasSize(2);
        assertThat(places).extracting(QueuedRequest::permit).containsOnlyNulls();
        assertThat(admission.slotsHeld()).isZero();
    }

    @Test
    void whoWaitsForABenchedLaneIsLetGoToLookAnew() {
        AdmissionControl admission = admission(1, 1);
        bench(A, Duration.ofMinutes(5));
        bench(B, Duration.ofMinutes(5));
        QueuedRequest concerned = waiting(admission.enter(ask(A, B), null));
        QueuedRequest elsewhere = waiting(admission.enter(ask(B), null));
        granted(admission.enter(ask(B_OTHER), null));
        QueuedRequest forASlot = waiting(admission.enter(ask(B_OTHER), null));
        concerned.whenOver(() -> woken.add("concerned"));
        elsewhere.whenOver(() -> woken.add("elsewhere"));
        forASlot.whenOver(() -> woken.add("for a slot"));

        admission.lookAnew(Set.of(A, B_OTHER));

        assertThat(woken).containsExactly("concerned");
        assertThat(concerned.permit()).isNull();
    }

    @Test
    void whoComesForALaneThatIsGoneIsLetGoAtOnceEvenIfItDoesNotWait() {
        AdmissionControl admission = admission(4, 1);
        circuits.offer(members(B));
        admission.leaveGone();

        for (WhenBenched how : WhenBenched.values()) {
            AdmissionRequest ask =
                    new AdmissionRequest(
                            List.of(new Candidate(A, Instant.MIN)),
                            START.plusSeconds(60),
                            false,
                            how);
            QueuedRequest queued = waiting(admission.enter(ask, null));
            queued.whenOver(() -> woken.add(how.name()));
            admission.lookAround();
            assertThat(queued.permit()).isNull();
        }

        assertThat(woken).containsExactly("WAIT", "FAIL");
    }

    /** The deadline is not over: it asks for other lanes then. */
    @Test
    void whoWouldBeAskedAgainIsWokenThen() {
        AdmissionControl admission = admission(4, 1);
        bench(A, Duration.ofHours(2));
        AdmissionRequest ask =
                new AdmissionRequest(
                        List.of(new Candidate(A, Instant.MIN)),
                        START.plus(Duration.ofHours(1)),
                        START.plus(Duration.ofMinutes(10)),
                        true,
                        WhenBenched.WAIT,
                        null);
        QueuedRequest queued = waiting(admission.enter(ask, null));
        queued.whenOver(() -> woken.add("waiter"));

        pass(admission, Duration.ofMinutes(10).minusSeconds(1));
        assertThat(woken).isEmpty();
        pass(admission, Duration.ofSeconds(1));

        assertThat(woken).containsExactly("waiter");
        assertThat(queued.permit()).isNull();
    }

    @Test
    void saysHowLongOneMoreWouldWait() {
        Duration each = Duration.ofSeconds(10);

        assertThat(new LaneLoad(A, 5, 20, null, null).queue(each)).isZero();
        assertThat(new LaneLoad(A, 3, 0, 4, null).queue(each)).isZero();
        assertThat(new LaneLoad(A, 4, 0, 4, null).queue(each)).hasMillis(2500);
        assertThat(new LaneLoad(A, 4, 7, 4, null).queue(each)).hasSeconds(20);
        assertThat(new LaneLoad(A, 1, 30, null, 2.0).queue(each)).hasSeconds(15);
        assertThat(new LaneLoad(A, 1, 30, 1, 2.0).queue(each)).hasSeconds(310);
        assertThat(new LaneLoad(A, 1, 1, null, 0.0).queue(each)).isEqualTo(Duration.ofDays(365));
        assertThat(new LaneLoad(A, 1, 0, null, 0.0).queue(each)).isZero();
        assertThat(admission(4, 1).queue(A, each)).isZero();
    }

    /** To look at the first lets the second on, where a lane has reopened that nobody looked at. */
    @Test
    void whoIsLetOnWhileTheOneBeforeIsLookedAtIsLetOnOnce() {
        AdmissionControl admission = admission(4, 1);
        bench(A, Duration.ofDays(1));
        bench(B, Duration.ofMinutes(5));
        Map<String, QueuedRequest> places = new HashMap<>();
        for (String each : List.of("first", "second")) {
            QueuedRequest place = waiting(admission.enter(ask(A, B), null));
            place.whenOver(() -> woken.add(each));
            places.put(each, place);
        }
        now = now.plus(Duration.ofMinutes(6));

        circuits.offer(members(B));
        admission.leaveGone();

        for (int let = 1; let <= 2; let++) {
            assertThat(woken).hasSize(let).doesNotHaveDuplicates();
            assertThat(admission.slotsHeld()).isOne();
            answered(admission, requireNonNull(places.get(woken.getLast())));
            pass(admission, Duration.ofSeconds(1));
        }
        assertThat(admission.slotsHeld()).isZero();
        assertThat(load(admission, B)).returns(0, LaneLoad::underWay);
    }

    @Test
    void whoOnlyRestsFromALaneThatGoesIsLetGo() {
        AdmissionControl admission = admission(4, 1);
        AdmissionRequest rests =
                new AdmissionRequest(
                        List.of(new Candidate(A, START.plus(Duration.ofHours(1)))),
                        START.plus(Duration.ofHours(24)),
                        true,
                        WhenBenched.WAIT);
        QueuedRequest queued = waiting(admission.enter(rests, null));
        queued.whenOver(() -> woken.add("waiter"));

        circuits.offer(members(B));
        admission.leaveGone();

        assertThat(woken).containsExactly("waiter");
        assertThat(queued.permit()).isNull();
    }

    @Test
    void manyWhoseLaneGoesAreAllLetGo() {
        AdmissionControl admission = admission(4, 1);
        bench(A, Duration.ofDays(1));
        for (int each = 0; each < 1_001; each++) {
            waiting(admission.enter(ask(A), null)).whenOver(() -> woken.add("waiter"));
        }

        circuits.offer(members(B));
        admission.leaveGone();

        assertThat(woken).hasSize(1_001);
    }

    @Test
    void whoIsDoneWithALaneThatIsForgottenDoesNotBringItBack() {
        AdmissionControl admission = admission(4, 1);
        Permit onA = granted(admission.enter(ask(A), null));
        circuits.offer(members(B));
        admission.told(onA, CallFeedback.ANSWERED);
        admission.leaveGone();

        admission.leave(onA);

        assertThat(admission.loads()).isEmpty();
        assertThat(admission.slotsHeld()).isZero();
    }

    @Test
    void whatIsKnownOfALaneThatStaysSurvivesAndOfOneThatGoesIsForgottenAfterItsLastCall() {
        AdmissionControl admission = admission(8, 1);
        List<Permit> onB = enter(admission, B, 3);
        Permit onA = granted(admission.enter(ask(A), null));
        LaneLoad before = load(admission, B);

        circuits.offer(members(B));
        admission.leaveGone();

        assertThat(load(admission, B)).isEqualTo(before);
        assertThat(load(admission, A).underWay()).isOne();
        admission.told(onA, CallFeedback.ANSWERED);
        admission.leave(onA);
        onB.forEach(admission::leave);
        admission.leaveGone();
        assertThat(admission.loads()).extracting(LaneLoad::lane).containsExactly(B);
        assertThat(admission.slotsHeld()).isZero();
    }

    @Test
    void aLaneThatComesBackIsTakenAgain() {
        AdmissionControl admission = admission(4, 1);
        circuits.offer(members(B));
        admission.leaveGone();

        circuits.offer(members(A, B));

        granted(admission.enter(ask(A), null));
    }

    private static LaneLoad load(AdmissionControl admission, LaneId lane) {
        return admission.loads().stream()
                .filter(each -> each.lane().equals(lane))
                .findFirst()
                .orElseThrow();
    }

    private static Permit held(AdmissionControl admission, LaneId lane) {
        return granted(admission.enter(ask(lane), null));
    }

    private static List<ScopeMembership> members(LaneId... lanes) {
        return Stream.of(lanes)
                .map(lane -> new ScopeMembership(lane, lane.provider(), QuotaScope.LANE))
                .toList();
    }

    private AdmissionControl admission(int slots, double share) {
        return new AdmissionControl(
                new AdmissionSettings(slots, share),
                circuits,
                () -> now,
                () -> Duration.between(START, now).toNanos(),
                () -> room);
    }

    private void pass(AdmissionControl admission, Duration time) {
        now = now.plus(time);
        admission.lookAround();
    }

    private void answered(AdmissionControl admission, QueuedRequest queued) {
        Permit permit = queued.permit();
        assertThat(permit).isNotNull();
        admission.told(permit, CallFeedback.ANSWERED);
        admission.leave(permit);
    }

    /** As a 429 that names its time does. */
    private void bench(LaneId lane, Duration time) {
        circuits.failed(
                lane,
                circuits.now(),
                new LaneFailure(ErrorKind.RATE_LIMIT, Reach.QUOTA, time, "HTTP 429"));
    }

    private static AdmissionRequest ask(LaneId... lanes) {
        return ask(START.plus(Duration.ofHours(24)), lanes);
    }

    private static AdmissionRequest ask(Instant deadline, LaneId... lanes) {
        return new AdmissionRequest(
                Arrays.stream(lanes).map(lane -> new Candidate(lane, Instant.MIN)).toList(),
                deadline,
                true,
                WhenBenched.WAIT);
    }

    private static List<Permit> enter(AdmissionControl admission, LaneId lane, int times) {
        List<Permit> permits = new ArrayList<>();
        for (int each = 0; each < times; each++) {
            permits.add(granted(admission.enter(ask(lane), null)));
        }
        return permits;
    }

    private static Permit granted(AdmissionResult result) {
        assertThat(result).isInstanceOf(AdmissionResult.Granted.class);
        return ((AdmissionResult.Granted) result).permit();
    }

    private static QueuedRequest waiting(AdmissionResult result) {
        assertThat(result).isInstanceOf(AdmissionResult.Waiting.class);
        return ((AdmissionResult.Waiting) result).queued();
    }

    private static LaneId lane(String provider) {
        return new LaneId(Tier.CLOUD, provider, "main", ModelType.INFERENCE, "m");
    }
}
