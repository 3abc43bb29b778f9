package dev.gantry.escalation;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Adaptation;
import dev.gantry.inference.Adaptation.OutputLimit;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptKind;
import dev.gantry.inference.Change;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.operation.Operations;
import dev.gantry.repair.Repair;
import dev.gantry.routing.Lane;
import dev.gantry.routing.LaneDraft;
import dev.gantry.routing.RequestBuilder;
import dev.gantry.testbed.TickingClock;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Map;

class CallPlannerTest {
    private static final String ID = "frontier:a:x:inference:vendor/m:1";

    @Test
    void namesTheModelAsTheLaneKnowsIt() {
        Attempt.Dispatch dispatch = dispatch(request("alias").input(70), lane(ID));

        assertThat(dispatch.adaptation().model()).isEqualTo("vendor/m:1");
        assertThat(dispatch.projectedInput()).isEqualTo(70);
        assertThat(dispatch.startedAt()).isEqualTo(TickingClock.START);
    }

    @Test
    void clampsTheOutputToTheModelsCeilingUnderTheModelsField() {
        Attempt.Dispatch dispatch =
                dispatch(
                        request("m").output(9000),
                        lane(ID).maxOutput(4096).maxTokensField("max_completion_tokens"));

        assertThat(dispatch.adaptation().outputLimit())
                .isEqualTo(new OutputLimit("max_completion_tokens", 4096));
        assertThat(dispatch.projectedOutput()).isEqualTo(4096);
    }

    @Test
    void keepsALimitBelowTheCeilingAndBillsEveryChoice() {
        Attempt.Dispatch dispatch =
                dispatch(request("m").output(100).choices(3), lane(ID).maxOutput(4096));

        assertThat(dispatch.adaptation().outputLimit())
                .isEqualTo(new OutputLimit("max_tokens", 100));
        assertThat(dispatch.projectedOutput()).isEqualTo(300);
    }

    @Test
    void setsNoLimitWhereTheRequestSetsNone() {
        Attempt.Dispatch capped = dispatch(request("m").choices(2), lane(ID).maxOutput(4096));
        Attempt.Dispatch open = dispatch(request("m"), lane(ID));

        assertThat(capped.adaptation().outputLimit()).isNull();
        assertThat(capped.projectedOutput()).isEqualTo(8192);
        assertThat(open.projectedOutput()).isNull();
    }

    @Test
    void mediaThatIsElsewhereIsBoundByTheWindow() {
        RequestBuilder request = request("m").input(70).mediaElsewhere();

        assertThat(dispatch(request, lane(ID).window(9000)).projectedInput()).isEqualTo(9000);
        assertThat(dispatch(request, lane(ID)).projectedInput()).isNull();
    }

    @Test
    void projectsTheMostThatALongCanCount() {
        Attempt.Dispatch dispatch =
                dispatch(request("m").output(Long.MAX_VALUE / 2).choices(5), lane(ID));

        assertThat(dispatch.projectedOutput()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void projectsNoOutputForEmbeddings() {
        Attempt.Dispatch dispatch =
                dispatch(
                        request("m").operation(Operations.EMBEDDINGS),
                        lane("local:a:x:embedding:m"));

        assertThat(dispatch.projectedOutput()).isZero();
    }

    @Test
    void sendsNoLimitToAModelThatTakesNone() {
        Attempt.Dispatch dispatch =
                dispatch(
                        request("m").output(100).members("model", "max_tokens"),
                        lane(ID).unsupported("max_tokens").maxOutput(500));

        assertThat(dispatch.adaptation())
                .isEqualTo(
                        new Adaptation(
                                null,
                                "vendor/m:1",
                                null,
                                List.of("max_tokens"),
                                Map.of(),
                                List.of(
                                        new Adaptation.Listed(
                                                new Change.Dropped("max_tokens"),
                                                Adaptation.Because.CONFIGURED))));
        assertThat(dispatch.projectedOutput()).isEqualTo(500);
    }

    @Test
    void lesson46DropsParametersForTheLaneThatLacksThemOnly() throws InterruptedException {
        Lane picky =
                lane("local:a:x:inference:m")
                        .weight(200)
                        .unsupported("temperature", "top_p")
                        .build();
        Lane plain = lane("local:b:x:inference:m").build();
        var loop = new LoopFixture();
        loop.provider.on(picky, Replies.BROKEN).on(plain, Replies.OK);

        loop.run(request().members("model", "temperature", "seed"), settings(), picky, plain);

        assertThat(loop.dispatched)
                .extracting(each -> each.adaptation().dropped())
                .containsExactly(List.of("temperature"), List.of());
    }

    @Test
    void givesTheAttemptUpAtTheEarlierOfTimeoutAndDeadline() {
        LaneDraft lane = lane(ID).timeout(Duration.ofSeconds(30));

        Attempt.Dispatch byTimeout = dispatch(request("m"), lane);
        Attempt.Dispatch byDeadline =
                dispatch(request("m").deadline(TickingClock.START.plusSeconds(5)), lane);

        assertThat(byTimeout.deadline()).isEqualTo(TickingClock.START.plusSeconds(30));
        assertThat(byDeadline.deadline()).isEqualTo(TickingClock.START.plusSeconds(5));
    }

    @Test
    void givesAProbeAMinuteAndAThirdOfTheTimeLeftAtMost() {
        Lane slow = lane(ID).timeout(Duration.ofMinutes(10)).build();
        InferenceRequest patient = request("m").build();
        InferenceRequest hurried =
                request("m").deadline(TickingClock.START.plusSeconds(30)).build();

        PlannedCall call = plan(patient, slow, AttemptKind.PRIMARY);
        PlannedCall probe = plan(patient, slow, AttemptKind.PROBE);
        Duration plain = CallPlanner.timeout(patient, call, TickingClock.START);
        Duration minute = CallPlanner.timeout(patient, probe, TickingClock.START);
        Duration third = CallPlanner.timeout(hurried, probe, TickingClock.START);

        assertThat(plain).isEqualTo(Duration.ofMinutes(10));
        assertThat(minute).isEqualTo(Duration.ofMinutes(1));
        assertThat(third).isEqualTo(Duration.ofSeconds(10));
    }

    private static Attempt.Dispatch dispatch(RequestBuilder draft, LaneDraft lane) {
        var request = draft.build();
        PlannedCall plan = plan(request, lane.build(), AttemptKind.PRIMARY);
        return CallPlanner.dispatch(request, plan, TickingClock.START);
    }

    private static PlannedCall plan(InferenceRequest request, Lane lane, AttemptKind kind) {
        return new PlannedCall(
                request.attempt(1),
                lane,
                kind,
                PlannedCall.Visit.COUNTED,
                "why",
                Repair.NONE,
                0,
                PlannedCall.Terms.NONE);
    }
}
