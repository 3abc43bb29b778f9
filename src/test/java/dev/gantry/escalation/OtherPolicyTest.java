package dev.gantry.escalation;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.admission.AdmissionRequest;
import dev.gantry.classification.Objection.Extent;
import dev.gantry.escalation.AttemptHistory.Called;
import dev.gantry.inference.Adaptation.Because;
import dev.gantry.inference.AttemptFate;
import dev.gantry.inference.AttemptKind;
import dev.gantry.inference.AttemptUse;
import dev.gantry.inference.Change.Dropped;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FailoverAction;
import dev.gantry.inference.Outcome.Failed;
import dev.gantry.inference.Outcome.Succeeded;
import dev.gantry.repair.Repair;
import dev.gantry.repair.Repair.Mend;
import dev.gantry.routing.Lane;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;

/** A policy that answers otherwise needs no change of the loop. */
class OtherPolicyTest {
    private static final Lane A = lane("frontier:a:x:inference:m").weight(300).build();
    private static final Lane B = lane("frontier:b:x:inference:m").weight(200).build();
    private static final Lane C = lane("local:c:x:inference:m").weight(100).build();

    private final LoopFixture loop = new LoopFixture();

    /**
     * Mends what a lane refuses by name, calls the cheapest lane first, passes one lane over, goes
     * on after a refusal of content, and lets a server's errors use no attempt.
     */
    private record Configured(Lane tooDear) implements EscalationPolicy {
        private static final Repair WITHOUT_TEMPERATURE =
                new Repair(
                        List.of(
                                new Mend(
                                        new Dropped("temperature"),
                                        Because.REFUSED,
                                        Extent.THIS_ONE)));

        @Override
        public Next next(RunState state) {
            Called last = state.history().last();
            if (last != null && judgedLater(last) && action(last) == FailoverAction.REPAIR) {
                return new Next.Retry(
                        last.lane(), Duration.ofMillis(1), "repair", WITHOUT_TEMPERATURE);
            }
            if (state.route().lanes().contains(tooDear)
                    && state.history().lastOn(tooDear.id()) == null) {
                return new Next.Skip(tooDear, "its price is above the cap");
            }
            return switch (StandardPolicy.INSTANCE.next(state)) {
                case Next.Enter(AdmissionRequest ask) ->
                        new Next.Enter(
                                new AdmissionRequest(
                                        ask.candidates().reversed(),
                                        ask.deadline(),
                                        ask.mayProbe(),
                                        ask.whenBenched()));
                case Next other -> other;
            };
        }

        @Override
        public FailoverAction action(Called call) {
            if (call.kind() == ErrorKind.CONTENT_POLICY) {
                return FailoverAction.OTHER_LANE;
            }
            boolean mendable = call.kind() == ErrorKind.BAD_REQUEST && !call.plan().inPlace();
            return mendable ? FailoverAction.REPAIR : StandardPolicy.INSTANCE.action(call);
        }

        @Override
        public AttemptUse use(Called call) {
            return call.kind() == ErrorKind.SERVER
                    ? AttemptUse.FREE
                    : StandardPolicy.INSTANCE.use(call);
        }

        @Override
        public HealthImpact impact(Called call) {
            return StandardPolicy.INSTANCE.impact(call);
        }
    }

    @Test
    void repairsInsteadOfStopping() throws InterruptedException {
        loop.policy = new Configured(C);
        loop.provider.on(A, Replies.error(400, "Unsupported parameter: 'temperature'"), Replies.OK);

        Conclusion conclusion =
                loop.run(request().members("model", "temperature", "seed"), settings(), A);

        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
        assertThat(LoopFixture.kinds(conclusion))
                .containsExactly(AttemptKind.PRIMARY, AttemptKind.RETRY);
        assertThat(loop.dispatched)
                .extracting(each -> each.adaptation().dropped())
                .containsExactly(List.of(), List.of("temperature"));
        assertThat(loop.fates).containsExactly(AttemptFate.UNSELECTED, AttemptFate.SELECTED);
    }

    @Test
    void stopsWhereTheRepairDidNotHelp() throws InterruptedException {
        loop.policy = new Configured(C);
        loop.provider.on(B, Replies.BAD_REQUEST, Replies.BAD_REQUEST);

        Conclusion conclusion = loop.run(A, B);

        assertThat(loop.provider.lanes()).containsExactly(B.id(), B.id());
        assertThat(conclusion.attempts()).hasSize(2);
    }

    @Test
    void callsLanesInAnotherOrderAndPassesOneOver() throws InterruptedException {
        loop.policy = new Configured(B);
        loop.provider.on(C, Replies.FLAGGED).on(A, Replies.OK);

        loop.run(A, B, C);

        assertThat(loop.provider.lanes()).containsExactly(C.id(), A.id());
    }

    @Test
    void countsOtherwiseAndSaysWhatWasPassedOver() throws InterruptedException {
        loop.policy = new Configured(C);
        loop.provider.on(B, Replies.BROKEN).on(A, Replies.TIMED_OUT);

        Conclusion conclusion = loop.run(request(), settings().maxAttempts(1), A, B, C);

        assertThat(loop.provider.lanes()).containsExactly(B.id(), A.id());
        assertThat(conclusion.outcome())
                .isInstanceOfSatisfying(
                        Failed.class,
                        failed ->
                                assertThat(failed.message())
                                        .contains(C.id() + ": not tried, its price is above"));
    }
}
