package dev.gantry.escalation;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.admission.AdmissionControl;
import dev.gantry.admission.AdmissionSettings;
import dev.gantry.admission.WaitReason;
import dev.gantry.budget.Exceeded;
import dev.gantry.budget.Ledgers;
import dev.gantry.circuit.Circuits;
import dev.gantry.classification.Classifier;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptFate;
import dev.gantry.inference.Cancellation;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Outcome.Abandoned;
import dev.gantry.inference.Outcome.Failed;
import dev.gantry.inference.Outcome.Succeeded;
import dev.gantry.inference.RaceEvent;
import dev.gantry.inference.SuspendedRun;
import dev.gantry.memory.ByteBudget;
import dev.gantry.metering.Cost;
import dev.gantry.metering.MeterReading;
import dev.gantry.metering.PriceList;
import dev.gantry.routing.Catalogue;
import dev.gantry.routing.CatalogueSnapshot;
import dev.gantry.routing.Lane;
import dev.gantry.routing.LiveRoute;
import dev.gantry.routing.RoutingSettings;
import dev.gantry.testbed.TickingClock;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

class WriteAheadTest {
    private static final Lane A = lane("local:a:x:inference:m").build();

    private final TickingClock clock = new TickingClock();
    private final FakeProvider provider = new FakeProvider();
    private final List<Attempt> ended = new ArrayList<>();
    private final List<Conclusion> conclusions = new ArrayList<>();
    private boolean recorded = true;
    private final Cancellation cancellation = new Cancellation();
    private final Circuits circuits = Lanes.circuits(clock);
    private final EscalationLoop loop =
            new EscalationLoop(
                    new LaneCall(_ -> provider, new Classifier(), (_, _) -> {}, clock, clock),
                    circuits,
                    new AdmissionControl(
                            new AdmissionSettings(10, 1), circuits, clock, clock, () -> true),
                    ByteBudget.boundless(),
                    Ledgers.untouched(),
                    clock);

    @Test
    void callsNobodyBeforeTheDispatchIsWritten() throws InterruptedException {
        provider.on(A, Replies.OK);

        run(dispatch -> assertThat(provider.calls()).isEmpty());

        assertThat(provider.calls()).hasSize(1);
    }

    @Test
    void callsNobodyWhereTheDispatchCannotBeWritten() throws InterruptedException {
        Conclusion conclusion =
                run(
                        dispatch -> {
                            throw new IllegalStateException("journal is broken");
                        });

        assertThat(conclusion.outcome())
                .isEqualTo(new Failed(FailureCode.INTERNAL_ERROR, "bug: IllegalStateException"));
        assertThat(provider.calls()).isEmpty();
    }

    @Test
    void callsNobodyWhereWritingAheadOutlastsTheRequestsDeadline() throws InterruptedException {
        Conclusion conclusion = run(dispatch -> clock.advance(Duration.ofDays(10_000)));

        Attempt only = conclusion.attempts().getFirst();
        assertThat(provider.calls()).isEmpty();
        assertThat(only.error()).isNotNull();
        assertThat(only.error().kind()).isEqualTo(ErrorKind.TIMEOUT);
        assertThat(only.error().submitted()).isFalse();
    }

    /** By the wall clock there may be time left that the wait, by another clock, has used up. */
    @Test
    void callsNobodyWhereTheDispatchIsNotKnownToBeSafe() throws InterruptedException {
        recorded = false;
        Optional<SuspendedRun> waits = climb(_ -> {});

        assertThat(provider.calls()).isEmpty();
        assertThat(waits).isPresent();
        assertThat(ended)
                .singleElement()
                .satisfies(
                        each -> {
                            assertThat(each.error()).isNotNull();
                            assertThat(each.error().submitted()).isFalse();
                        });
    }

    /**
     * A broker outage longer than the lane's timeout must not burn the requests that waited for it.
     */
    @Test
    void callsWithTheWholeTimeoutHoweverLongWritingAheadTook() throws InterruptedException {
        provider.on(A, Replies.OK);

        Conclusion conclusion = run(dispatch -> clock.advance(A.timeout().multipliedBy(2)));

        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
        assertThat(provider.calls()).hasSize(1);
    }

    @Test
    void callsNobodyWhereTheRequestIsCancelledWhileWritingAhead() throws InterruptedException {
        Conclusion conclusion = run(dispatch -> cancellation.cancel());

        assertThat(provider.calls()).isEmpty();
        assertThat(conclusion.outcome()).isEqualTo(new Abandoned());
        assertThat(conclusion.attempts()).hasSize(1);
    }

    @Test
    void passesAnInterruptOn() {
        assertThatThrownBy(
                        () ->
                                run(
                                        dispatch -> {
                                            throw new InterruptedException();
                                        }))
                .isInstanceOf(InterruptedException.class);
        assertThat(provider.calls()).isEmpty();
    }

    /** What happens while the dispatch is written ahead. */
    private interface Ahead {
        void write(Attempt.Dispatch dispatch) throws InterruptedException;
    }

    private Conclusion run(Ahead ahead) throws InterruptedException {
        assertThat(climb(ahead)).isEmpty();
        return conclusions.getFirst();
    }

    private Optional<SuspendedRun> climb(Ahead ahead) throws InterruptedException {
        InferenceRequest request = request("m").build();
        LiveRoute route =
                new LiveRoute(
                        new Catalogue(
                                CatalogueSnapshot.of(
                                        List.of(A), RoutingSettings.DEFAULT, PriceList.NONE, "v")),
                        request);
        var recorder =
                new AttemptRecorder() {
                    @Override
                    public boolean dispatching(
                            InferenceRequest same, Attempt.Dispatch dispatch, Cancellation call)
                            throws InterruptedException {
                        ahead.write(dispatch);
                        return recorded;
                    }

                    @Override
                    public void waiting(
                            InferenceRequest same, WaitReason reason, @Nullable Instant until) {}

                    @Override
                    public void capped(
                            InferenceRequest request, Attempt.Dispatch call, Exceeded exceeded) {}

                    @Override
                    public void raced(InferenceRequest same, RaceEvent event) {}

                    @Override
                    public Cost ended(InferenceRequest same, Attempt attempt, AttemptFate fate) {
                        ended.add(attempt);
                        return MeterReading.of(same, attempt, PriceList.NONE).bill().cost();
                    }

                    @Override
                    public void concluded(Conclusion conclusion) {
                        conclusions.add(conclusion);
                    }
                };
        return loop.run(request, route, StandardPolicy.INSTANCE, cancellation, recorder);
    }
}
