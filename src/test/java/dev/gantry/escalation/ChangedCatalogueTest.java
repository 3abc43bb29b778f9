package dev.gantry.escalation;

import static dev.gantry.escalation.LoopFixture.kinds;
import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.AttemptKind;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.Outcome.Failed;
import dev.gantry.inference.Outcome.Succeeded;
import dev.gantry.provider.ProviderReply;
import dev.gantry.routing.Lane;
import dev.gantry.routing.RequestBuilder;

import org.junit.jupiter.api.Test;

import java.util.List;

/** Lanes of a request's route leave the catalogue while it is under way. */
class ChangedCatalogueTest {
    private static final Lane A = lane("frontier:a:x:inference:m").weight(300).build();
    private static final Lane B = lane("frontier:b:x:inference:m").weight(200).build();
    private static final Lane C = lane("local:c:x:inference:m").weight(100).build();

    private final LoopFixture loop = new LoopFixture();

    @Test
    void aLaneThatIsGoneIsPassedBy() throws InterruptedException {
        loop.offer(List.of(A, B, C), List.of(A, C));
        loop.provider.on(A, Replies.BROKEN).on(C, Replies.OK);

        Conclusion conclusion = loop.run(A, B, C);

        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
        assertThat(loop.provider.lanes()).containsExactly(A.id(), C.id());
        assertThat(loop.rerouted).isFalse();
    }

    @Test
    void theReportSaysWhatBecameOfIt() throws InterruptedException {
        loop.offer(List.of(A, B), List.of(A));
        loop.provider.on(A, Replies.BROKEN);

        Conclusion conclusion = loop.run(RequestBuilder.request(), settings().maxAttempts(1), A, B);

        assertThat(conclusion.outcome())
                .isInstanceOfSatisfying(
                        Failed.class,
                        failed ->
                                assertThat(failed.message())
                                        .contains("frontier:b:x:inference:m: not tried, no longer")
                                        .contains("no longer offered"));
    }

    @Test
    void aLaneThatGoesDuringItsCallGetsNoRetryInPlace() throws InterruptedException {
        loop.offer(List.of(A, B), List.of(A, B));
        loop.provider.does(A, _ -> leaving(List.of(A, B), List.of(B), Replies.REFUSED));
        loop.provider.on(B, Replies.OK);

        Conclusion conclusion = loop.run(A, B);

        assertThat(kinds(conclusion)).containsExactly(AttemptKind.PRIMARY, AttemptKind.FAILOVER);
        assertThat(loop.provider.lanes()).containsExactly(A.id(), B.id());
    }

    @Test
    void whereNothingIsLeftItIsRoutedAnewAndItsAttemptsCount() throws InterruptedException {
        loop.offer(List.of(A, B), List.of(A, B));
        loop.provider.does(A, _ -> leaving(List.of(A, B), List.of(C), Replies.BROKEN));
        loop.provider.on(C, Replies.OK);

        Conclusion conclusion = loop.run(A, B);

        assertThat(loop.rerouted).isTrue();
        assertThat(loop.provider.lanes()).containsExactly(A.id(), C.id());
        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
        assertThat(conclusion.attempts())
                .extracting(each -> each.id().value())
                .containsExactly("EXECUTION~1", "EXECUTION~2");
    }

    @Test
    void aLaneThatGoesAfterItHasLetTheRequestOnIsNotCalled() throws InterruptedException {
        loop.offer(List.of(A), List.of(A));
        loop.provider.on(A, Replies.BROKEN).on(C, Replies.OK);
        loop.meanwhile = () -> loop.offer(List.of(A), List.of(C));

        Conclusion conclusion = loop.run(A);

        assertThat(loop.waits).hasSize(1);
        assertThat(loop.provider.lanes()).containsExactly(A.id(), C.id());
        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
    }

    @Test
    void norWhereAnotherOneOfTheRouteIsLeft() throws InterruptedException {
        loop.offer(List.of(A, B), List.of(A, B));
        loop.provider.on(A, Replies.BROKEN).on(B, Replies.BROKEN, Replies.OK);
        loop.meanwhile = () -> loop.offer(List.of(A, B), List.of(B));

        Conclusion conclusion = loop.run(A, B);

        assertThat(loop.rerouted).isFalse();
        assertThat(loop.provider.lanes()).containsExactly(A.id(), B.id(), B.id());
        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
    }

    @Test
    void whereTheNewCatalogueHasNothingEitherItEndsByItsReason() throws InterruptedException {
        loop.offer(List.of(A), List.of());

        Conclusion conclusion = loop.run(A);

        assertThat(loop.rerouted).isTrue();
        assertThat(conclusion.outcome())
                .isInstanceOfSatisfying(
                        Failed.class,
                        failed ->
                                assertThat(failed.code()).isEqualTo(FailureCode.NO_LANE_AVAILABLE));
    }

    @Test
    void whoHasUsedUpItsAttemptsIsNotRoutedAnew() throws InterruptedException {
        loop.offer(List.of(A, B), List.of(A, B));
        loop.provider.does(A, _ -> leaving(List.of(A, B), List.of(C), Replies.BROKEN));

        Conclusion conclusion = loop.run(RequestBuilder.request(), settings().maxAttempts(1), A, B);

        assertThat(loop.rerouted).isFalse();
        assertThat(conclusion.outcome())
                .isInstanceOfSatisfying(
                        Failed.class,
                        failed ->
                                assertThat(failed.code())
                                        .isEqualTo(FailureCode.ESCALATION_EXHAUSTED));
    }

    private ProviderReply leaving(List<Lane> before, List<Lane> now, ProviderReply reply) {
        loop.offer(before, now);
        return reply;
    }
}
