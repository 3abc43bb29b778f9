package dev.gantry.escalation;

import static dev.gantry.escalation.LoopFixture.error;
import static dev.gantry.escalation.LoopFixture.kinds;
import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.AttemptKind;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.Outcome.Abandoned;
import dev.gantry.inference.Outcome.Failed;
import dev.gantry.inference.Outcome.Succeeded;
import dev.gantry.inference.Usage;
import dev.gantry.provider.ProviderReply;
import dev.gantry.provider.ProviderReply.Cancelled;
import dev.gantry.provider.ProviderReply.Cut;
import dev.gantry.provider.ProviderReply.Obstacle;
import dev.gantry.provider.ProviderReply.Unreachable;
import dev.gantry.routing.Lane;
import dev.gantry.testbed.TickingClock;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.time.Duration;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

class BoundsTest {
    private static final Lane A =
            lane("frontier:a:x:inference:m").weight(300).timeout(Duration.ofSeconds(30)).build();
    private static final Lane B = lane("frontier:b:x:inference:m").weight(200).build();
    private static final Lane C = lane("local:c:x:inference:m").weight(100).build();

    private final LoopFixture loop = new LoopFixture();

    @Test
    void stopsWhenTheAttemptsAreUsedUp() throws InterruptedException {
        loop.provider.on(A, Replies.BROKEN).on(B, Replies.TIMED_OUT);

        Conclusion conclusion = loop.run(request(), settings().maxAttempts(2), A, B, C);

        assertThat(loop.provider.lanes()).containsExactly(A.id(), B.id());
        assertThat(failed(conclusion).code()).isEqualTo(FailureCode.ESCALATION_EXHAUSTED);
        assertThat(failed(conclusion).message())
                .contains(C.id() + ": not tried, max-attempts 2 reached");
    }

    @Test
    void saysWhatEveryTryMetAndTheSameOnce() throws InterruptedException {
        loop.provider.on(A, Replies.REFUSED, Replies.BROKEN).on(B, Replies.STALE, Replies.STALE);

        Conclusion conclusion = loop.run(request(), settings().maxAttempts(2), A, B);

        assertThat(failed(conclusion).code()).isEqualTo(FailureCode.ESCALATION_EXHAUSTED);
        assertThat(failed(conclusion).message())
                .matches(
                        "no lane answered: %s: network \\(.+\\), server \\(.+\\); %s: network \\([^,]+\\) ×2"
                                .formatted(A.id(), B.id()));
    }

    /** A provider may put a number into each refusal. */
    @Test
    void saysTheLastOfManyErrorsThatDiffer() throws InterruptedException {
        ProviderReply[] refusals =
                IntStream.rangeClosed(1, 9)
                        .mapToObj(i -> Replies.error(429, "try again in %d ms".formatted(i)))
                        .toArray(ProviderReply[]::new);
        loop.provider.on(A, refusals).always(A, Replies.BROKEN);

        Conclusion conclusion = loop.run(request(), settings().maxAttempts(1), A);

        assertThat(failed(conclusion).message())
                .contains(A.id() + ": 7 others, ", "8 ms", "9 ms", "server (")
                .doesNotContain("7 ms");
    }

    @Test
    void countsNoAttemptForARefusal() throws InterruptedException {
        loop.provider.on(A, Replies.RATE_LIMITED).on(B, Replies.BAD_KEY).on(C, Replies.OK);

        Conclusion conclusion = loop.run(request(), settings().maxAttempts(1), A, B, C);

        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
    }

    @Test
    void countsARefusalThatBillsAsAnAttempt() throws InterruptedException {
        Usage usage = new Usage(10L, null, null, null, null, Map.of(), null);
        loop.provider.on(
                A, Replies.answered(429, "{\"error\":{\"message\":\"slow down\"}}", usage));

        Conclusion conclusion = loop.run(request(), settings().maxAttempts(1), A, B);

        assertThat(loop.provider.lanes()).containsExactly(A.id());
        assertThat(failed(conclusion).code()).isEqualTo(FailureCode.ESCALATION_EXHAUSTED);
    }

    @Test
    void boundsAuthBillingAndRefusedConnectionsByMaxRefusals() throws InterruptedException {
        loop.provider.on(A, Replies.BAD_KEY).on(B, Replies.NO_CREDIT);

        Conclusion conclusion = loop.run(request(), settings().maxRefusals(2), A, B, C);

        assertThat(loop.provider.lanes()).containsExactly(A.id(), B.id());
        assertThat(failed(conclusion).message())
                .contains(C.id() + ": not tried, max-refusals 2 reached");
    }

    @Test
    void boundsRateLimitsAndOverloadByTheDeadlineAlone() throws InterruptedException {
        Lane[] lanes =
                IntStream.range(0, 30)
                        .mapToObj(i -> lane("local:p%d:x:inference:m".formatted(i)).build())
                        .toArray(Lane[]::new);
        for (int i = 0; i < lanes.length; i++) {
            loop.provider.always(lanes[i], i % 2 == 0 ? Replies.RATE_LIMITED : Replies.OVERLOADED);
        }

        Conclusion conclusion =
                loop.run(
                        request().deadline(TickingClock.START.plusSeconds(60)),
                        settings().maxAttempts(1).maxRefusals(1),
                        lanes);

        assertThat(loop.provider.lanes().subList(0, 30)).doesNotHaveDuplicates();
        assertThat(conclusion.attempts()).hasSizeGreaterThan(30);
        assertThat(failed(conclusion).code()).isEqualTo(FailureCode.BATCH_EXPIRED);
    }

    static Stream<ProviderReply> whatIsRetriedInPlace() {
        return Stream.of(
                Replies.REFUSED,
                Replies.NO_HOST,
                Replies.NO_TLS,
                Replies.STALE,
                new Cut(true, false, Duration.ofSeconds(1), "closed"));
    }

    @ParameterizedTest
    @MethodSource("whatIsRetriedInPlace")
    void retriesOnceInPlaceAndUsesNoAttemptForIt(ProviderReply first) throws InterruptedException {
        loop.provider.on(A, first, Replies.OK);

        Conclusion conclusion = loop.run(request(), settings().maxAttempts(1), A, B);

        assertThat(kinds(conclusion)).containsExactly(AttemptKind.PRIMARY, AttemptKind.RETRY);
        assertThat(conclusion.attempts().getLast().id().number()).isEqualTo(2);
        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
    }

    static Stream<ProviderReply> whatIsNotRetriedInPlace() {
        return Stream.of(
                new Cut(false, false, Duration.ofMillis(3), "reset"),
                new Cut(true, true, Duration.ofMillis(3), "reset"),
                new Cut(true, false, Duration.ofMillis(1001), "reset"),
                new Unreachable(Obstacle.CONNECT_TIMEOUT, "10 s"),
                Replies.TIMED_OUT,
                Replies.BROKEN,
                Replies.RATE_LIMITED);
    }

    @ParameterizedTest
    @MethodSource("whatIsNotRetriedInPlace")
    void goesElsewhereWhereBytesMayHaveCounted(ProviderReply first) throws InterruptedException {
        loop.provider.on(A, first).on(B, Replies.OK);

        loop.run(A, B);

        assertThat(loop.provider.lanes()).containsExactly(A.id(), B.id());
    }

    @Test
    void goesElsewhereAfterTheOneRetry() throws InterruptedException {
        loop.provider.on(A, Replies.STALE, Replies.STALE).on(B, Replies.OK);

        Conclusion conclusion = loop.run(request(), settings().maxAttempts(2), A, B);

        assertThat(kinds(conclusion))
                .containsExactly(AttemptKind.PRIMARY, AttemptKind.RETRY, AttemptKind.FAILOVER);
    }

    @Test
    void countsAVisitThatWasRefusedAndThenFailedAsAnAttempt() throws InterruptedException {
        loop.provider.on(A, Replies.REFUSED, Replies.BROKEN);

        Conclusion conclusion = loop.run(request(), settings().maxAttempts(1), A, B);

        assertThat(loop.provider.lanes()).containsExactly(A.id(), A.id());
        assertThat(failed(conclusion).code()).isEqualTo(FailureCode.ESCALATION_EXHAUSTED);
    }

    @Test
    void keepsTheLastAttemptForAnotherModel() throws InterruptedException {
        Lane other = lane("frontier:a:x:inference:other").weight(1).build();
        loop.provider.on(A, Replies.BROKEN).on(other, Replies.OK);

        loop.run(request(), settings().maxAttempts(2), A, B, other);

        assertThat(loop.provider.lanes()).containsExactly(A.id(), other.id());
    }

    @Test
    void keepsTheLastAttemptForAnotherProviderWhereThereIsNoOtherModel()
            throws InterruptedException {
        Lane sibling = lane("frontier:a:y:inference:m").weight(290).build();
        loop.provider.on(A, Replies.BROKEN).on(B, Replies.OK);

        loop.run(request(), settings().maxAttempts(2), A, sibling, B);

        assertThat(loop.provider.lanes()).containsExactly(A.id(), B.id());
    }

    @Test
    void keepsNothingBackWhereOnlyRefusalsCame() throws InterruptedException {
        Lane other = lane("frontier:a:x:inference:other").weight(1).build();
        loop.provider.on(A, Replies.RATE_LIMITED).on(B, Replies.OK);

        loop.run(request(), settings().maxAttempts(1), A, B, other);

        assertThat(loop.provider.lanes()).containsExactly(A.id(), B.id());
    }

    @Test
    void cutsAnAttemptsTimeToTheDeadline() throws InterruptedException {
        loop.provider.on(A, Replies.BROKEN).on(B, Replies.OK);

        loop.run(request().deadline(TickingClock.START.plusSeconds(45)), settings(), A, B);

        assertThat(loop.provider.calls())
                .extracting(FakeProvider.Call::timeout)
                .containsExactly(Duration.ofSeconds(30), Duration.ofSeconds(45));
        assertThat(loop.dispatched.getLast().deadline())
                .isEqualTo(TickingClock.START.plusSeconds(45));
    }

    @Test
    void expiresWithTheLastReasonPerLane() throws InterruptedException {
        loop.provider.does(
                A,
                call -> {
                    loop.clock.advance(call.timeout());
                    return Replies.BROKEN;
                });

        Conclusion conclusion =
                loop.run(request().deadline(TickingClock.START.plusSeconds(30)), settings(), A, B);

        assertThat(failed(conclusion).code()).isEqualTo(FailureCode.BATCH_EXPIRED);
        assertThat(failed(conclusion).message())
                .contains(
                        "the deadline 2026-11-20T12:00:30Z passed",
                        A.id() + ": server",
                        B.id() + ": not tried, there was no time left");
    }

    @Test
    void expiresWithoutACallWhereTheDeadlineHasPassed() throws InterruptedException {
        Conclusion conclusion = loop.run(request().deadline(TickingClock.START), settings(), A);

        assertThat(failed(conclusion).code()).isEqualTo(FailureCode.BATCH_EXPIRED);
        assertThat(conclusion.attempts()).isEmpty();
    }

    @Test
    void keepsASuccessThatCameAfterTheDeadline() throws InterruptedException {
        loop.provider.does(
                A,
                _ -> {
                    loop.clock.advance(Duration.ofHours(1));
                    return Replies.OK;
                });

        Conclusion conclusion =
                loop.run(request().deadline(TickingClock.START.plusSeconds(1)), settings(), A);

        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
        assertThat(conclusion.attempts().getFirst().took()).isEqualTo(Duration.ofHours(1));
    }

    @Test
    void lesson56RecordsACancelledCallAndGivesTheRequestUp() throws InterruptedException {
        loop.provider.does(
                A,
                call -> {
                    loop.cancellation.cancel();
                    assertThat(call.cancellation().cancelled()).isTrue();
                    return new Cancelled(true);
                });

        Conclusion conclusion = loop.run(A, B);

        assertThat(conclusion.outcome()).isEqualTo(new Abandoned());
        assertThat(error(conclusion.attempts().getFirst())).isEqualTo(ErrorKind.CANCELLED);
        assertThat(loop.provider.lanes()).containsExactly(A.id());
    }

    @Test
    void takesNoFailureForAResultOnceCancelled() throws InterruptedException {
        loop.provider.does(
                A,
                call -> {
                    loop.cancellation.cancel();
                    assertThat(call.cancellation().cancelled()).isTrue();
                    return new Cut(false, false, Duration.ofSeconds(2), "closed by us");
                });

        Conclusion conclusion = loop.run(A);

        assertThat(conclusion.outcome()).isEqualTo(new Abandoned());
    }

    @Test
    void keepsASuccessThatCameWithTheCancellation() throws InterruptedException {
        loop.provider.does(
                A,
                call -> {
                    loop.cancellation.cancel();
                    assertThat(call.cancellation().cancelled()).isTrue();
                    return Replies.OK;
                });

        Conclusion conclusion = loop.run(A);

        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
    }

    @Test
    void dispatchesNothingOnceCancelled() throws InterruptedException {
        loop.cancellation.cancel();

        Conclusion conclusion = loop.run(A);

        assertThat(conclusion.outcome()).isEqualTo(new Abandoned());
        assertThat(loop.dispatched).isEmpty();
    }

    private static Failed failed(Conclusion conclusion) {
        assertThat(conclusion.outcome()).isInstanceOf(Failed.class);
        return (Failed) conclusion.outcome();
    }
}
