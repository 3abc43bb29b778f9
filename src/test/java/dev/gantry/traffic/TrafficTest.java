package dev.gantry.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.circuit.CircuitSettings;
import dev.gantry.circuit.CircuitTarget;
import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.Membership;
import dev.gantry.circuit.OperatorAction;
import dev.gantry.circuit.OperatorAction.Open;
import dev.gantry.circuit.QuotaScope;
import dev.gantry.circuit.Trouble;
import dev.gantry.circuit.Trouble.Reach;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.ModelType;
import dev.gantry.inference.Tier;
import dev.gantry.testbed.Await;
import dev.gantry.traffic.Ask.WhenBenched;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Slots, shares, lines and who is woken, on circuits without a database and a clock by hand. */
class TrafficTest {
    private static final Instant START = Instant.parse("2026-11-20T12:00:00Z");
    private static final LaneId A = lane("a");
    private static final LaneId B = lane("b");
    private static final LaneId B_OTHER =
            new LaneId(Tier.CLOUD, "b", "main", ModelType.INFERENCE, "other");

    private volatile Instant now = START;
    private final Circuits circuits =
            Circuits.localOnly(
                    new CircuitSettings(
                            3,
                            0.5,
                            Duration.ofSeconds(60),
                            Duration.ofSeconds(15),
                            Duration.ofMinutes(10),
                            Duration.ofSeconds(30),
                            Duration.ofSeconds(60),
                            Duration.ofMinutes(5),
                            Duration.ofHours(1)),
                    Stream.of(A, B, B_OTHER)
                            .map(lane -> new Membership(lane, lane.provider(), QuotaScope.LANE))
                            .toList(),
                    () -> now);
    private boolean room = true;
    private final List<String> woken = new ArrayList<>();

    @Test
    void grantsUpToTheSlotsAndLetsTheRestStandInLine() {
        Traffic traffic = traffic(2, 1);

        Permit first = granted(traffic.enter(ask(A), null));
        Permit second = granted(traffic.enter(ask(A), null));
        Place third = waiting(traffic.enter(ask(A), null));

        assertThat(third.why()).isEqualTo(Why.SLOTS);
        assertThat(traffic.slotsHeld()).isEqualTo(2);

        third.whenOver(() -> woken.add("third"));
        traffic.leave(first);

        assertThat(woken).containsExactly("third");
        Permit permit = third.permit();
        assertThat(permit).isNotNull();
        traffic.leave(second);
        traffic.leave(permit);
        assertThat(traffic.slotsHeld()).isZero();
    }

    @Test
    void aLaneHoldsNoMoreThanItsShareWhileOthersWantTheirs() {
        Traffic traffic = traffic(4, 0.5);
        traffic.leave(granted(traffic.enter(ask(B), null)));

        granted(traffic.enter(ask(A), null));
        granted(traffic.enter(ask(A), null));
        Place third = waiting(traffic.enter(ask(A), null));

        assertThat(third.why()).isEqualTo(Why.SHARE);
        granted(traffic.enter(ask(B), null));
        granted(traffic.enter(ask(B), null));
    }

    @Test
    void aProviderHoldsNoMoreThanTheShareHoweverManyModelsItHas() {
        Traffic traffic = traffic(4, 0.5);
        traffic.leave(granted(traffic.enter(ask(A), null)));

        granted(traffic.enter(ask(B), null));
        granted(traffic.enter(ask(B_OTHER), null));

        assertThat(waiting(traffic.enter(ask(B_OTHER), null)).why()).isEqualTo(Why.SHARE);
    }

    @Test
    void aLaneThatHangsLeavesItsSiblingAFairPartAndTheRestToOthers() {
        Traffic traffic = traffic(16, 0.5);
        traffic.leave(granted(traffic.enter(ask(A), null)));
        traffic.leave(granted(traffic.enter(ask(B_OTHER), null)));

        enter(traffic, B, 8);
        assertThat(waiting(traffic.enter(ask(B), null)).why()).isEqualTo(Why.SHARE);
        enter(traffic, B_OTHER, 4);
        assertThat(waiting(traffic.enter(ask(B_OTHER), null)).why()).isEqualTo(Why.SHARE);
        enter(traffic, A, 4);
    }

    @Test
    void aPlaceThatALaneGivesBackIsItsSiblingsTurn() {
        Traffic traffic = traffic(16, 0.5);
        traffic.leave(granted(traffic.enter(ask(A), null)));
        traffic.leave(granted(traffic.enter(ask(B_OTHER), null)));
        List<Permit> hogging = enter(traffic, B, 8);
        List<Permit> fair = enter(traffic, B_OTHER, 4);
        Place sibling = waiting(traffic.enter(ask(B_OTHER), null));
        sibling.whenOver(() -> woken.add("sibling"));
        waiting(traffic.enter(ask(B), null)).whenOver(() -> woken.add("hog"));

        traffic.leave(fair.getFirst());

        assertThat(woken).containsExactly("sibling");
        traffic.leave(hogging.getFirst());
        assertThat(woken).containsExactly("sibling");
    }

    @Test
    void whoDoesNotWaitForBenchedLanesIsToldWhenItsLastOneCloses() {
        Traffic traffic = traffic(1, 1);
        granted(traffic.enter(ask(A), null));
        Ask impatient =
                new Ask(
                        List.of(new Candidate(A, Instant.MIN), new Candidate(B, Instant.MIN)),
                        START.plusSeconds(3600),
                        true,
                        WhenBenched.FAIL);
        Place place = waiting(traffic.enter(impatient, null));
        place.whenOver(() -> woken.add("impatient"));
        bench(A, Duration.ofSeconds(20));
        traffic.lookAround();
        assertThat(woken).isEmpty();

        bench(B, Duration.ofSeconds(20));
        traffic.lookAround();

        assertThat(woken).containsExactly("impatient");
        assertThat(place.permit()).isNull();
        assertThat(traffic.enter(impatient, null)).isInstanceOf(Entry.AllBenched.class);
    }

    @Test
    void aLaneThatNobodyElseCompetesWithTakesEverySlot() {
        Traffic traffic = traffic(4, 0.5);

        for (int each = 0; each < 4; each++) {
            granted(traffic.enter(ask(A), null));
        }

        assertThat(waiting(traffic.enter(ask(A), null)).why()).isEqualTo(Why.SLOTS);
    }

    @Test
    void aLaneTakesEverySlotWhileTheOthersAreBenched() {
        Traffic traffic = traffic(4, 0.5);
        traffic.leave(granted(traffic.enter(ask(B), null)));
        bench(B, Duration.ofSeconds(20));
        waiting(traffic.enter(ask(B), null));

        for (int each = 0; each < 4; each++) {
            granted(traffic.enter(ask(A), null));
        }

        assertThat(traffic.slotsHeld()).isEqualTo(4);
    }

    @Test
    void theSharedSurplusGoesNowhereElseThanItsLane() {
        Traffic traffic = traffic(4, 0.5);
        traffic.leave(granted(traffic.enter(ask(B), null)));
        Permit first = granted(traffic.enter(ask(A, B), null));
        granted(traffic.enter(ask(A, B), null));

        Place third = waiting(traffic.enter(ask(A, B), null));
        third.whenOver(() -> woken.add("third"));
        traffic.leave(first);

        assertThat(woken).containsExactly("third");
        Permit permit = third.permit();
        assertThat(permit).isNotNull();
        assertThat(permit.lane()).isEqualTo(A);
    }

    @Test
    void whoWaitedForRoomOnALaneLooksFurtherOnceItIsBenched() {
        Traffic traffic = traffic(4, 0.5);
        traffic.leave(granted(traffic.enter(ask(B), null)));
        granted(traffic.enter(ask(A, B), null));
        granted(traffic.enter(ask(A, B), null));
        Place third = waiting(traffic.enter(ask(A, B), null));
        third.whenOver(() -> woken.add("third"));

        bench(A, Duration.ofSeconds(20));
        traffic.lookAround();

        assertThat(woken).containsExactly("third");
        Permit permit = third.permit();
        assertThat(permit).isNotNull();
        assertThat(permit.lane()).isEqualTo(B);
    }

    @Test
    void skipsABenchedLane() {
        Traffic traffic = traffic(4, 1);
        bench(A, Duration.ofSeconds(20));

        Permit permit = granted(traffic.enter(ask(A, B), null));

        assertThat(permit.lane()).isEqualTo(B);
    }

    /** Lesson 41. */
    @Test
    void aHealthyLaneInFrontDoesNotStarveTheProbeOfOneBehind() throws Exception {
        Traffic traffic = traffic(4, 1);
        circuits.start();
        circuits.operate(
                new OperatorAction(
                        new CircuitTarget("b:main"), new Open(Duration.ofSeconds(1)), "", "test"));
        now = now.plusSeconds(2);

        Await.until(
                "b is probed",
                () -> {
                    Permit permit = granted(traffic.enter(ask(A, B), null));
                    traffic.leave(permit);
                    return permit.lane().equals(B) && permit.probe() != null;
                });

        circuits.close();
    }

    @Test
    void releasesInDeadlineOrderAndOneAtATimeAfterAClose() {
        Traffic traffic = traffic(10, 1);
        bench(A, Duration.ofSeconds(20));
        List<Place> places = new ArrayList<>();
        for (int hours : new int[] {3, 1, 2}) {
            Place place = waiting(traffic.enter(ask(START.plus(Duration.ofHours(hours)), A), null));
            place.whenOver(() -> woken.add(hours + " h"));
            places.add(place);
        }

        pass(traffic, Duration.ofSeconds(30));

        assertThat(woken).containsExactly("1 h");

        answered(traffic, places.get(1));

        assertThat(woken).containsExactly("1 h", "2 h", "3 h");
    }

    @Test
    void aRequestThatWaitsForSeveralLanesTakesTheFirstThatReopens() {
        Traffic traffic = traffic(10, 1);
        bench(A, Duration.ofSeconds(60));
        bench(B, Duration.ofSeconds(20));
        Place place = waiting(traffic.enter(ask(A, B), null));
        place.whenOver(() -> woken.add("place"));

        pass(traffic, Duration.ofSeconds(30));

        assertThat(woken).containsExactly("place");
        Permit permit = place.permit();
        assertThat(permit).isNotNull();
        assertThat(permit.lane()).isEqualTo(B);
        pass(traffic, Duration.ofSeconds(60));
        assertThat(traffic.slotsHeld()).isEqualTo(1);
    }

    @Test
    void aDeadlineEndsTheWaitWithoutAPermit() {
        Traffic traffic = traffic(10, 1);
        bench(A, Duration.ofHours(20));
        Place place = waiting(traffic.enter(ask(START.plusSeconds(90), A), null));
        place.whenOver(() -> woken.add("place"));

        pass(traffic, Duration.ofSeconds(90));

        assertThat(woken).containsExactly("place");
        assertThat(place.permit()).isNull();
    }

    @Test
    void aLaneThatRestsForARequestIsOpenToOthers() {
        Traffic traffic = traffic(10, 1);
        Ask later =
                new Ask(
                        List.of(new Candidate(A, START.plusSeconds(5))),
                        START.plusSeconds(3600),
                        true,
                        WhenBenched.WAIT);
        Place place = waiting(traffic.enter(later, null));
        place.whenOver(() -> woken.add("rested"));

        granted(traffic.enter(ask(A), null));
        pass(traffic, Duration.ofSeconds(4));
        assertThat(woken).isEmpty();
        pass(traffic, Duration.ofSeconds(1));

        assertThat(woken).containsExactly("rested");
    }

    @Test
    void whoHoldsASlotKeepsItForTheNextLane() {
        Traffic traffic = traffic(1, 1);
        Permit first = granted(traffic.enter(ask(A), null));
        Place behind = waiting(traffic.enter(ask(A), null));
        behind.whenOver(() -> woken.add("behind"));

        traffic.told(first, Told.NOTHING);
        Permit next = granted(traffic.enter(ask(B), first));

        assertThat(next.lane()).isEqualTo(B);
        assertThat(woken).isEmpty();
        traffic.leave(next);
        assertThat(woken).containsExactly("behind");
    }

    @Test
    void whoHasToWaitGivesItsSlotToTheNext() {
        Traffic traffic = traffic(1, 1);
        Permit first = granted(traffic.enter(ask(A), null));
        Place behind = waiting(traffic.enter(ask(A), null));
        behind.whenOver(() -> woken.add("behind"));
        bench(B, Duration.ofSeconds(20));

        traffic.told(first, Told.NOTHING);
        waiting(traffic.enter(ask(B), first));

        assertThat(woken).containsExactly("behind");
        assertThat(traffic.slotsHeld()).isEqualTo(1);
    }

    @Test
    void leavingTheLineGivesBackWhatWasGrantedMeanwhile() {
        Traffic traffic = traffic(1, 1);
        Permit first = granted(traffic.enter(ask(A), null));
        Place second = waiting(traffic.enter(ask(A), null));
        traffic.leave(first);
        assertThat(traffic.slotsHeld()).isEqualTo(1);

        second.leave();

        assertThat(traffic.slotsHeld()).isZero();
    }

    @Test
    void failsAtOnceWhereEveryLaneIsBenchedAndNobodyWaits() {
        Traffic traffic = traffic(1, 1);
        bench(A, Duration.ofSeconds(20));
        Ask ask =
                new Ask(
                        List.of(new Candidate(A, Instant.MIN)),
                        START.plusSeconds(3600),
                        true,
                        WhenBenched.FAIL);

        Entry entry = traffic.enter(ask, null);

        assertThat(entry)
                .isInstanceOfSatisfying(
                        Entry.AllBenched.class,
                        all -> {
                            assertThat(all.until()).isAfter(START.plusSeconds(19));
                            assertThat(all.reasons()).contains(A.value(), "benched until", "429");
                        });
        assertThat(traffic.slotsHeld()).isZero();
    }

    @Test
    void fiftyThousandWaitersAreHeldAndLetGoOneByOne() {
        Traffic traffic = traffic(10, 1);
        bench(A, Duration.ofSeconds(20));
        List<Place> places = new ArrayList<>();
        for (int each = 0; each < 50_000; each++) {
            Place place = waiting(traffic.enter(ask(A), null));
            place.whenOver(() -> woken.add("one"));
            places.add(place);
        }

        pass(traffic, Duration.ofSeconds(30));

        assertThat(woken).hasSize(1);
        places.forEach(Place::leave);
        assertThat(traffic.slotsHeld()).isZero();
    }

    @Test
    void withoutMemoryNobodyIsLetGoNotEvenWithASlot() {
        Traffic traffic = traffic(2, 1);
        Permit held = granted(traffic.enter(ask(A), null));
        room = false;

        Place newcomer = waiting(traffic.enter(ask(A), null));
        Place next = waiting(traffic.enter(ask(B), held));

        assertThat(newcomer.why()).isEqualTo(Why.MEMORY);
        assertThat(next.why()).isEqualTo(Why.MEMORY);
        assertThat(traffic.slotsHeld()).isZero();
    }

    @Test
    void whoWaitsForMemoryGoesOnWhenThereIsSome() {
        Traffic traffic = traffic(2, 1);
        room = false;
        Place first = waiting(traffic.enter(ask(A), null));
        Place second = waiting(traffic.enter(ask(B), null));
        first.whenOver(() -> woken.add("first"));
        second.whenOver(() -> woken.add("second"));
        traffic.lookAround();
        assertThat(woken).isEmpty();

        room = true;
        traffic.lookAround();

        assertThat(woken).containsExactlyInAnyOrder("first", "second");
    }

    @Test
    void aProbeToo() {
        Traffic traffic = traffic(2, 1);
        bench(A, Duration.ofSeconds(20));
        pass(traffic, Duration.ofSeconds(21));
        room = false;

        assertThat(waiting(traffic.enter(ask(A), null)).permit()).isNull();
        assertThat(traffic.slotsHeld()).isZero();
    }

    private Traffic traffic(int slots, double share) {
        return new Traffic(
                new TrafficSettings(slots, share),
                circuits,
                () -> now,
                () -> Duration.between(START, now).toNanos(),
                () -> room);
    }

    private void pass(Traffic traffic, Duration time) {
        now = now.plus(time);
        traffic.lookAround();
    }

    private void answered(Traffic traffic, Place place) {
        Permit permit = place.permit();
        assertThat(permit).isNotNull();
        traffic.told(permit, Told.ANSWERED);
        traffic.leave(permit);
    }

    /** As a 429 that names its time does. */
    private void bench(LaneId lane, Duration time) {
        circuits.failed(
                lane,
                circuits.now(),
                new Trouble(ErrorKind.RATE_LIMIT, Reach.QUOTA, time, "HTTP 429"));
    }

    private static Ask ask(LaneId... lanes) {
        return ask(START.plus(Duration.ofHours(24)), lanes);
    }

    private static Ask ask(Instant deadline, LaneId... lanes) {
        return new Ask(
                Arrays.stream(lanes).map(lane -> new Candidate(lane, Instant.MIN)).toList(),
                deadline,
                true,
                WhenBenched.WAIT);
    }

    private static List<Permit> enter(Traffic traffic, LaneId lane, int times) {
        List<Permit> permits = new ArrayList<>();
        for (int each = 0; each < times; each++) {
            permits.add(granted(traffic.enter(ask(lane), null)));
        }
        return permits;
    }

    private static Permit granted(Entry entry) {
        assertThat(entry).isInstanceOf(Entry.Granted.class);
        return ((Entry.Granted) entry).permit();
    }

    private static Place waiting(Entry entry) {
        assertThat(entry).isInstanceOf(Entry.Waiting.class);
        return ((Entry.Waiting) entry).place();
    }

    private static LaneId lane(String provider) {
        return new LaneId(Tier.CLOUD, provider, "main", ModelType.INFERENCE, "m");
    }
}
