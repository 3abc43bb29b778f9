package dev.gantry.escalation;

import static dev.gantry.escalation.Climb.kinds;
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

    private final Climb climb = new Climb();

    @Test
    void aLaneThatIsGoneIsPassedBy() throws InterruptedException {
        climb.offer(List.of(A, B, C), List.of(A, C));
        climb.provider.on(A, Replies.BROKEN).on(C, Replies.OK);

        Conclusion conclusion = climb.run(A, B, C);

        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
        assertThat(climb.provider.lanes()).containsExactly(A.id(), C.id());
        assertThat(climb.reroutes).isZero();
    }

    @Test
    void theReportSaysWhatBecameOfIt() throws InterruptedException {
        climb.offer(List.of(A, B), List.of(A));
        climb.provider.on(A, Replies.BROKEN);

        Conclusion conclusion =
                climb.run(RequestBuilder.request(), settings().maxAttempts(1), A, B);

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
        climb.offer(List.of(A, B), List.of(A, B));
        climb.provider.does(A, _ -> leaving(List.of(A, B), List.of(B), Replies.REFUSED));
        climb.provider.on(B, Replies.OK);

        Conclusion conclusion = climb.run(A, B);

        assertThat(kinds(conclusion)).containsExactly(AttemptKind.PRIMARY, AttemptKind.FAILOVER);
        assertThat(climb.provider.lanes()).containsExactly(A.id(), B.id());
    }

    @Test
    void whereNothingIsLeftItIsRoutedAnewAndItsAttemptsCount() throws InterruptedException {
        climb.offer(List.of(A, B), List.of(A, B));
        climb.provider.does(A, _ -> leaving(List.of(A, B), List.of(C), Replies.BROKEN));
        climb.provider.on(C, Replies.OK);

        Conclusion conclusion = climb.run(A, B);

        assertThat(climb.reroutes).isOne();
        assertThat(climb.provider.lanes()).containsExactly(A.id(), C.id());
        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
        assertThat(conclusion.attempts())
                .extracting(each -> each.id().value())
                .containsExactly("EXECUTION~1", "EXECUTION~2");
    }

    @Test
    void whereTheNewCatalogueHasNothingEitherItEndsByItsReason() throws InterruptedException {
        climb.offer(List.of(A), List.of());

        Conclusion conclusion = climb.run(A);

        assertThat(climb.reroutes).isOne();
        assertThat(conclusion.outcome())
                .isInstanceOfSatisfying(
                        Failed.class,
                        failed ->
                                assertThat(failed.code()).isEqualTo(FailureCode.NO_LANE_AVAILABLE));
    }

    @Test
    void whoHasUsedUpItsAttemptsIsNotRoutedAnew() throws InterruptedException {
        climb.offer(List.of(A, B), List.of(A, B));
        climb.provider.does(A, _ -> leaving(List.of(A, B), List.of(C), Replies.BROKEN));

        Conclusion conclusion =
                climb.run(RequestBuilder.request(), settings().maxAttempts(1), A, B);

        assertThat(climb.reroutes).isZero();
        assertThat(conclusion.outcome())
                .isInstanceOfSatisfying(
                        Failed.class,
                        failed ->
                                assertThat(failed.code())
                                        .isEqualTo(FailureCode.ESCALATION_EXHAUSTED));
    }

    private ProviderReply leaving(List<Lane> before, List<Lane> now, ProviderReply reply) {
        climb.offer(before, now);
        return reply;
    }
}
