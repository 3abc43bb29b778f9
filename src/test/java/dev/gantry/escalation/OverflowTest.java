package dev.gantry.escalation;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Conclusion;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.Outcome.Failed;
import dev.gantry.inference.Outcome.Refused;
import dev.gantry.inference.Outcome.Succeeded;
import dev.gantry.routing.Lane;

import org.junit.jupiter.api.Test;

class OverflowTest {
    private static final Lane SMALL =
            lane("local:a:x:inference:m").window(4000).weight(500).build();
    private static final Lane SAME = lane("local:b:x:inference:m").window(4000).weight(400).build();
    private static final Lane UNKNOWN = lane("local:c:x:inference:m").weight(300).build();
    private static final Lane LARGE =
            lane("local:d:x:inference:m").window(8000).weight(200).build();
    private static final Lane LARGEST =
            lane("local:e:x:inference:m").window(16000).weight(100).build();

    private final LoopFixture loop = new LoopFixture();

    @Test
    void lesson7GoesOnlyToAStrictlyLargerWindow() throws InterruptedException {
        loop.provider.on(SMALL, Replies.TOO_LONG).on(LARGE, Replies.OK);

        Conclusion conclusion = loop.run(SMALL, SAME, UNKNOWN, LARGE, LARGEST);

        assertThat(loop.provider.lanes()).containsExactly(SMALL.id(), LARGE.id());
        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
    }

    @Test
    void lesson7KeepsTheLargerWindowInMindAfterAnotherFailure() throws InterruptedException {
        loop.provider
                .on(SMALL, Replies.TOO_LONG)
                .always(LARGE, Replies.BROKEN)
                .always(LARGEST, Replies.RATE_LIMITED);

        Conclusion conclusion =
                loop.run(
                        request(), settings().maxAttempts(3), SMALL, SAME, UNKNOWN, LARGE, LARGEST);

        assertThat(loop.provider.lanes())
                .startsWith(SMALL.id(), LARGE.id(), LARGEST.id())
                .doesNotContain(SAME.id(), UNKNOWN.id());
        assertThat(conclusion.outcome())
                .isInstanceOfSatisfying(
                        Failed.class,
                        failed -> {
                            assertThat(failed.code()).isEqualTo(FailureCode.ESCALATION_EXHAUSTED);
                            assertThat(failed.message()).contains(SAME.id() + ": not tried");
                        });
    }

    @Test
    void lesson7EndsAsContextOverflowWhereNoLargerLaneIsLeft() throws InterruptedException {
        loop.provider.on(SMALL, Replies.TOO_LONG);

        Conclusion conclusion = loop.run(SMALL, SAME, UNKNOWN);

        assertThat(loop.provider.lanes()).containsExactly(SMALL.id());
        assertThat(conclusion.outcome())
                .isInstanceOfSatisfying(
                        Failed.class,
                        failed -> {
                            assertThat(failed.code()).isEqualTo(FailureCode.CONTEXT_OVERFLOW);
                            assertThat(failed.message())
                                    .contains("no lane left has a larger context window");
                        });
    }

    @Test
    void takesAnyKnownWindowForLargerThanAnUnknownOne() throws InterruptedException {
        loop.provider.on(UNKNOWN, Replies.TOO_LONG).on(LARGE, Replies.OK);

        loop.run(UNKNOWN, LARGE);

        assertThat(loop.provider.lanes()).containsExactly(UNKNOWN.id(), LARGE.id());
    }

    @Test
    void goesToAnyOtherLaneWhereOnlyTheQuotaIsTooSmall() throws InterruptedException {
        loop.provider.on(SMALL, Replies.OVER_QUOTA).on(SAME, Replies.OK);

        loop.run(SMALL, SAME);

        assertThat(loop.provider.lanes()).containsExactly(SMALL.id(), SAME.id());
    }

    @Test
    void endsAsContextOverflowWhereEveryQuotaIsTooSmall() throws InterruptedException {
        loop.provider.on(SMALL, Replies.OVER_QUOTA).on(SAME, Replies.OVER_QUOTA);

        Conclusion conclusion = loop.run(SMALL, SAME);

        assertThat(conclusion.outcome())
                .isInstanceOfSatisfying(
                        Failed.class,
                        failed ->
                                assertThat(failed.code()).isEqualTo(FailureCode.CONTEXT_OVERFLOW));
    }

    @Test
    void showsTheProvidersOverflowWhereEscalationIsOff() throws InterruptedException {
        loop.provider.on(SMALL, Replies.TOO_LONG);

        Conclusion conclusion = loop.run(request().escalate(false), settings(), SMALL, LARGE);

        assertThat(conclusion.outcome()).isEqualTo(new Refused(conclusion.attempts().getFirst()));
    }
}
