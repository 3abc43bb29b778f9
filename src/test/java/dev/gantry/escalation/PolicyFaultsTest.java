package dev.gantry.escalation;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.admission.AdmissionRequest;
import dev.gantry.escalation.AttemptHistory.Called;
import dev.gantry.escalation.AttemptHistory.Skipped;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptFate;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.FailoverAction;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Outcome.Failed;
import dev.gantry.inference.Outcome.Succeeded;
import dev.gantry.provider.ProviderReply;
import dev.gantry.routing.Lane;
import dev.gantry.routing.Route;
import dev.gantry.routing.Router;

import org.junit.jupiter.api.Test;

import java.util.List;

/** What a policy gets wrong, or decides late, costs no record, no slot and no other lane. */
class PolicyFaultsTest {
    private static final Lane A = lane("frontier:a:x:inference:m").weight(300).build();
    private static final Lane B = lane("frontier:b:x:inference:m").weight(200).build();

    private final LoopFixture loop = new LoopFixture();

    @Test
    void aPolicyThatFailsLosesNoCallThatWasMade() throws InterruptedException {
        loop.policy =
                new ChangedPolicy() {
                    @Override
                    public HealthImpact impact(Called call) {
                        throw new IllegalStateException("no such rule");
                    }
                };
        loop.provider.on(A, Replies.BROKEN);

        Conclusion conclusion = loop.run(A, B);

        assertThat(conclusion.outcome())
                .isInstanceOfSatisfying(
                        Failed.class,
                        failed -> assertThat(failed.code()).isEqualTo(FailureCode.INTERNAL_ERROR));
        assertThat(conclusion.attempts()).hasSize(1);
        assertThat(loop.fates).containsExactly(AttemptFate.UNSELECTED);
    }

    @Test
    void aFailedCallIsNeverSelected() throws InterruptedException {
        loop.policy =
                new ChangedPolicy() {
                    @Override
                    public FailoverAction action(Called call) {
                        return FailoverAction.RETURN;
                    }
                };
        loop.provider.on(A, Replies.BROKEN);

        loop.run(A);

        assertThat(loop.fates).containsExactly(AttemptFate.UNSELECTED);
    }

    @Test
    void aLaneThatThePolicyNoLongerWantsIsNotCalledForHavingBeenWaitedFor()
            throws InterruptedException {
        boolean[] waited = {false};
        loop.meanwhile = () -> waited[0] = true;
        loop.policy =
                new ChangedPolicy() {
                    @Override
                    public Next next(RunState state) {
                        if (waited[0] && !(state.history().lastOn(B.id()) instanceof Skipped)) {
                            return new Next.Skip(B, "its price is above the cap");
                        }
                        return StandardPolicy.INSTANCE.next(state) instanceof Next.Enter(var ask)
                                        && waited[0]
                                ? new Next.Enter(without(ask, B))
                                : StandardPolicy.INSTANCE.next(state);
                    }
                };
        loop.provider
                .on(A, Replies.error(429, "Rate limit reached, try again in 20s"), Replies.OK)
                .on(B, Replies.error(429, "Rate limit reached, try again in 5s"));

        Conclusion conclusion = loop.run(A, B);

        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
        assertThat(loop.provider.lanes()).containsExactly(A.id(), B.id(), A.id());
    }

    private static AdmissionRequest without(AdmissionRequest ask, Lane lane) {
        return new AdmissionRequest(
                ask.candidates().stream().filter(each -> !each.lane().equals(lane.id())).toList(),
                ask.deadline(),
                ask.mayProbe(),
                ask.whenBenched());
    }

    /** Once its permit has gone, the lane would be called by the leave for another. */
    @Test
    void retriesInPlaceOnlyWhileThePermitIsHeld() {
        InferenceRequest request = request("auto").build();
        Route route = new Router(List.of(A, B), settings().build()).route(request);
        RunState begun = state(request, route, AttemptHistory.EMPTY, false);
        Called refused =
                RandomRunTest.call(
                        request, CallPlanner.plan(begun, A.id(), false), Replies.REFUSED);
        AttemptHistory history = AttemptHistory.EMPTY.with(refused);

        assertThat(StandardPolicy.INSTANCE.next(state(request, route, history, true)))
                .isInstanceOf(Next.Retry.class);
        assertThat(StandardPolicy.INSTANCE.next(state(request, route, history, false)))
                .isInstanceOf(Next.Enter.class);
    }

    @Test
    void keepsNoBodyThoughALaneWasPassedOverSince() {
        InferenceRequest request = request("auto").build();
        Route route = new Router(List.of(A, B), settings().build()).route(request);
        RunState begun = state(request, route, AttemptHistory.EMPTY, false);
        ProviderReply reply = Replies.BROKEN;
        Called broken = RandomRunTest.call(request, CallPlanner.plan(begun, A.id(), false), reply);

        AttemptHistory kept =
                AttemptHistory.EMPTY.with(broken).with(new Skipped(B, "too dear")).bodiless();

        assertThat(body(broken.attempt())).isNotEmpty();
        assertThat(body(kept.attempts().getFirst())).isEmpty();
    }

    private static byte[] body(Attempt attempt) {
        assertThat(attempt.answer()).isNotNull();
        return attempt.answer().body().bytes();
    }

    private static RunState state(
            InferenceRequest request, Route route, AttemptHistory history, boolean held) {
        return new RunState(
                request, route, StandardPolicy.INSTANCE, history, held, RandomRunTest.OPEN);
    }
}
