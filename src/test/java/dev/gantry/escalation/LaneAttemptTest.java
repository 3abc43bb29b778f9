package dev.gantry.escalation;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.admission.AdmissionControl;
import dev.gantry.admission.AdmissionRequest;
import dev.gantry.admission.AdmissionResult;
import dev.gantry.admission.AdmissionSettings;
import dev.gantry.admission.Candidate;
import dev.gantry.admission.Permit;
import dev.gantry.admission.WaitReason;
import dev.gantry.budget.BudgetReservation;
import dev.gantry.budget.Exceeded;
import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.classification.Classifier;
import dev.gantry.escalation.AttemptHistory.Called;
import dev.gantry.escalation.PlannedCall.Visit;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptFate;
import dev.gantry.inference.AttemptKind;
import dev.gantry.inference.Cancellation;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.MeterOutcome;
import dev.gantry.inference.RaceEvent;
import dev.gantry.inference.WhenBenched;
import dev.gantry.memory.ByteBudget;
import dev.gantry.memory.Hold;
import dev.gantry.metering.Cost;
import dev.gantry.metering.MeteringEvent;
import dev.gantry.metering.PriceList;
import dev.gantry.provider.DeltaSink;
import dev.gantry.provider.Provider;
import dev.gantry.provider.ProviderReply;
import dev.gantry.repair.LearntRepairs;
import dev.gantry.repair.Repair;
import dev.gantry.routing.Lane;
import dev.gantry.testbed.TickingClock;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

class LaneAttemptTest {
    private static final Lane SLOW = lane("frontier:a:x:inference:m").build();
    private static final Lane QUICK = lane("frontier:b:x:inference:m").build();

    private final TickingClock clock = new TickingClock();
    private final Circuits circuits = Lanes.circuits(clock);
    private final AdmissionControl admission =
            new AdmissionControl(new AdmissionSettings(2, 1), circuits, clock, clock, () -> true);
    private final ByteBudget budget = ByteBudget.boundless();
    private final Cancellation whole = new Cancellation();
    private final InferenceRequest request = request("m").build();
    private final Meter meter = new Meter();

    /** Both calls are on the wire before either of them ends. */
    private final CountDownLatch slowCalled = new CountDownLatch(1);

    private final CountDownLatch quickCalled = new CountDownLatch(1);

    @Test
    void twoLiveAtOnceForOneRequestAndTheLoserIsCancelledAlone() throws Exception {
        LaneAttempt.Means means = means(this::race);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                LaneAttempt first = open(means, SLOW, BudgetReservation.NONE);
                LaneAttempt second = open(means, QUICK, BudgetReservation.NONE)) {
            assertThat(admission.slotsHeld()).isEqualTo(2);
            Future<Called> losing = threads.submit(() -> made(first, plan(1, SLOW)));
            Future<Called> winning = threads.submit(() -> made(second, plan(2, QUICK)));

            Called winner = winning.get();
            first.cancel();
            Called loser = losing.get();
            decide(second, winner, AttemptFate.SELECTED);
            decide(first, loser, AttemptFate.RACE_LOST);

            assertThat(winner.attempt().succeeded()).isTrue();
            assertThat(loser.kind()).isEqualTo(ErrorKind.CANCELLED);
        }
        assertThat(admission.slotsHeld()).as("both permits are returned").isZero();
        assertThat(admission.loads()).allMatch(load -> load.underWay() == 0);
        assertThat(whole.cancelled()).as("the request goes on").isFalse();
        assertThat(circuits.availability(SLOW.id()))
                .as("nothing is said of the loser's lane")
                .isInstanceOf(LaneAvailability.Admitted.class);
        assertThat(meter.events).hasSize(2);
        assertThat(meter.events.getFirst().selected()).isTrue();
        assertThat(meter.events.getFirst().dispatch().lane()).isEqualTo(QUICK.id());
        assertThat(meter.events.getLast().selected()).isFalse();
        assertThat(meter.events.getLast().reading().outcome()).isEqualTo(MeterOutcome.RACE_LOST);
    }

    @Test
    void aCancelledRequestCancelsEveryCallOfIt() throws Exception {
        LaneAttempt.Means means = means(this::untilCancelled);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                LaneAttempt first = open(means, SLOW, BudgetReservation.NONE);
                LaneAttempt second = open(means, QUICK, BudgetReservation.NONE)) {
            Future<Called> one = threads.submit(() -> made(first, plan(1, SLOW)));
            Future<Called> two = threads.submit(() -> made(second, plan(2, QUICK)));
            slowCalled.await();
            quickCalled.await();

            whole.cancel();

            assertThat(one.get().kind()).isEqualTo(ErrorKind.CANCELLED);
            assertThat(two.get().kind()).isEqualTo(ErrorKind.CANCELLED);
        }
        assertThat(admission.slotsHeld()).isZero();
    }

    @Test
    void aCallThatWasGivenUpBeforeItWasMadeSendsNothing() throws Exception {
        LaneAttempt.Means means = means((_, _, _, _, _, _) -> Replies.OK);
        try (LaneAttempt attempt = open(means, QUICK, BudgetReservation.NONE)) {
            attempt.cancel();

            Called call = made(attempt, plan(1, QUICK));

            assertThat(call.attempt().error()).isNotNull();
            assertThat(call.attempt().error().submitted()).isFalse();
        }
    }

    @Test
    void aReservationIsReleasedOnlyWhereNoCallIsMade() throws Exception {
        LaneAttempt.Means means = means((_, _, _, _, _, _) -> Replies.OK);
        var made = new Ledger();
        var unmade = new Ledger();

        try (LaneAttempt attempt = open(means, QUICK, made)) {
            made(attempt, plan(1, QUICK));
        }
        open(means, QUICK, unmade).close();

        assertThat(made.told).as("whoever meters it settles it").isEmpty();
        assertThat(unmade.told).containsExactly("released");
        assertThat(admission.slotsHeld()).isZero();
    }

    @Test
    void aHandedOverPermitIsReturnedByItsLastHolderOnly() throws Exception {
        LaneAttempt.Means means = means((_, _, _, _, _, _) -> Replies.REFUSED);
        LaneAttempt first = open(means, QUICK, BudgetReservation.NONE);
        made(first, plan(1, QUICK));

        LaneAttempt again = first.again(whole);
        first.close();
        assertThat(admission.slotsHeld()).isEqualTo(1);
        again.close();
        again.close();

        assertThat(admission.slotsHeld()).isZero();
    }

    /** The quick lane answers, the slow one only once it is cancelled. */
    private ProviderReply race(
            InferenceRequest request,
            Attempt.Dispatch dispatch,
            Duration timeout,
            Cancellation cancellation,
            Hold hold,
            DeltaSink deltas) {
        if (dispatch.lane().equals(QUICK.id())) {
            await(slowCalled);
            return Replies.OK;
        }
        return untilCancelled(request, dispatch, timeout, cancellation, hold, deltas);
    }

    private ProviderReply untilCancelled(
            InferenceRequest request,
            Attempt.Dispatch dispatch,
            Duration timeout,
            Cancellation cancellation,
            Hold hold,
            DeltaSink deltas) {
        var over = new CompletableFuture<ProviderReply>();
        try (var _ =
                cancellation.onCancel(() -> over.complete(new ProviderReply.Cancelled(true)))) {
            (dispatch.lane().equals(SLOW.id()) ? slowCalled : quickCalled).countDown();
            return over.join();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What a race's referee does. */
    private void decide(LaneAttempt attempt, Called call, AttemptFate fate) {
        HealthImpact impact = StandardPolicy.INSTANCE.impact(call);
        attempt.tell(impact, impact.failure());
        meter.ended(request, call.attempt(), fate);
    }

    private LaneAttempt.Means means(Provider provider) {
        var calls = new LaneCall(_ -> provider, new Classifier(), (_, _) -> {}, clock, clock);
        return new LaneAttempt.Means(calls, circuits, admission, new LearntRepairs(), clock);
    }

    private LaneAttempt open(LaneAttempt.Means means, Lane lane, BudgetReservation reservation) {
        LaneAttempt attempt = LaneAttempt.open(means, permit(lane.id()), budget.hold(), whole);
        attempt.covered(reservation);
        return attempt;
    }

    private Permit permit(LaneId lane) {
        var ask =
                new AdmissionRequest(
                        List.of(new Candidate(lane, Instant.MIN)),
                        request.deadline().at(),
                        false,
                        WhenBenched.FAIL);
        return ((AdmissionResult.Granted) admission.enter(ask, null)).permit();
    }

    private Called made(LaneAttempt attempt, PlannedCall plan) throws InterruptedException {
        return attempt.call(request, attempt.record(request, plan, meter));
    }

    private PlannedCall plan(int number, Lane lane) {
        AttemptKind kind = number == 1 ? AttemptKind.PRIMARY : AttemptKind.HEDGE;
        return new PlannedCall(
                request.attempt(number),
                lane,
                kind,
                Visit.COUNTED,
                "race",
                Repair.NONE,
                0,
                PlannedCall.Terms.NONE);
    }

    private static final class Ledger implements BudgetReservation {
        final List<String> told = new ArrayList<>();

        @Override
        public void settle(Cost cost) {
            told.add("settled");
        }

        @Override
        public void release() {
            told.add("released");
        }
    }

    private final class Meter implements AttemptRecorder {
        final List<MeteringEvent> events = new ArrayList<>();

        @Override
        public boolean dispatching(
                InferenceRequest same, Attempt.Dispatch dispatch, Cancellation call) {
            return true;
        }

        @Override
        public void waiting(InferenceRequest same, WaitReason reason, @Nullable Instant until) {}

        @Override
        public void capped(InferenceRequest same, Attempt.Dispatch call, Exceeded exceeded) {}

        @Override
        public void raced(InferenceRequest same, RaceEvent event) {}

        @Override
        public Cost ended(InferenceRequest same, Attempt attempt, AttemptFate fate) {
            PriceList none = PriceList.of(Map.of(), "config", "v");
            MeteringEvent event = MeteringEvent.ended(request, attempt, fate, none);
            events.add(event);
            return event.reading().bill().cost();
        }

        @Override
        public void concluded(Conclusion conclusion) {}
    }
}
