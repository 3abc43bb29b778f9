package dev.gantry.escalation;

import static dev.gantry.escalation.LoopFixture.error;
import static dev.gantry.escalation.LoopFixture.kinds;
import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.circuit.state.LaneFailure;
import dev.gantry.circuit.state.LaneFailure.Reach;
import dev.gantry.inference.Answer;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptKind;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.Outcome.Failed;
import dev.gantry.inference.Outcome.Refused;
import dev.gantry.inference.Outcome.Succeeded;
import dev.gantry.inference.Payload;
import dev.gantry.inference.RequestOptions.Sensitivity;
import dev.gantry.provider.ProviderReply;
import dev.gantry.provider.ProviderReply.TooLarge;
import dev.gantry.routing.Lane;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;

class FailoverTest {
    private static final Lane A = lane("frontier:a:x:inference:m").weight(300).build();
    private static final Lane B = lane("frontier:b:x:inference:m").weight(200).build();
    private static final Lane C = lane("local:c:x:inference:m").weight(100).build();

    private final LoopFixture loop = new LoopFixture();

    static Stream<ProviderReply> whatAdvances() {
        return Stream.of(
                Replies.RATE_LIMITED,
                Replies.OVERLOADED,
                Replies.BROKEN,
                Replies.BAD_KEY,
                Replies.NO_CREDIT,
                Replies.TIMED_OUT,
                Replies.error(404, "The model `m` does not exist"),
                Replies.error(404, "Not found"),
                Replies.answered(200, "{\"error\":{\"message\":\"oops\"}}", null),
                Replies.answered(200, "{\"choices\":[]}", null));
    }

    @Test
    void callsTheFirstLaneAndIsDone() throws InterruptedException {
        loop.provider.on(A, Replies.OK);

        Conclusion conclusion = loop.run(A, B);

        Attempt only = conclusion.attempts().getFirst();
        assertThat(conclusion.outcome()).isEqualTo(new Succeeded(only));
        assertThat(only.id().value()).isEqualTo("EXECUTION~1");
        assertThat(only.dispatch().kind()).isEqualTo(AttemptKind.PRIMARY);
        assertThat(only.dispatch().reason()).isEqualTo("primary");
        assertThat(loop.provider.lanes()).containsExactly(A.id());
    }

    @ParameterizedTest
    @MethodSource("whatAdvances")
    void goesOnToTheNextLane(ProviderReply reply) throws InterruptedException {
        loop.provider.on(A, reply).on(B, Replies.OK);

        Conclusion conclusion = loop.run(A, B, C);

        assertThat(conclusion.outcome()).isEqualTo(new Succeeded(conclusion.attempts().getLast()));
        assertThat(kinds(conclusion)).containsExactly(AttemptKind.PRIMARY, AttemptKind.FAILOVER);
        assertThat(conclusion.attempts().getLast().dispatch().reason())
                .startsWith("failover after " + error(conclusion.attempts().getFirst()).label())
                .endsWith(A.id().value());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void benchesALaneThatRefusesConnections(boolean escalate) throws Exception {
        loop.circuits.start();
        loop.provider.always(A, Replies.REFUSED).always(B, Replies.OK);

        for (int request = 0; request < 3; request++) {
            loop.run(request(), settings().escalate(escalate), A, B);
            loop.ended.clear();
        }

        loop.awaitReported(
                "it is benched",
                () -> loop.circuits.availability(A.id()) instanceof LaneAvailability.Benched);
    }

    @Test
    void keepsNoBodyOfAnAnswerThatDidNotEndTheRequest() throws InterruptedException {
        ProviderReply refusal = Replies.error(429, "x".repeat(100_000));
        loop.provider.on(A, refusal).on(B, refusal).on(C, Replies.OK);

        Conclusion conclusion = loop.run(A, B, C);

        assertThat(bodies(conclusion.attempts()))
                .extracting(body -> body.bytes().length > 0)
                .containsExactly(false, false, true);
        assertThat(bodies(conclusion.attempts()).getFirst().size()).isGreaterThan(100_000);
        assertThat(bodies(loop.ended))
                .as("whoever meters and audits it sees all of it")
                .allMatch(body -> body.bytes().length > 0);
    }

    private static List<Payload> bodies(List<Attempt> attempts) {
        List<Payload> bodies = new ArrayList<>();
        for (Attempt attempt : attempts) {
            Answer answer = attempt.answer();
            assertThat(answer).isNotNull();
            bodies.add(answer.body());
        }
        return bodies;
    }

    @Test
    void holdsNothingOfAnEarlierAnswerWhileTheNextCallIsMade() throws InterruptedException {
        loop.provider
                .does(A, call -> answeredTaking(call, 1000, Replies.RATE_LIMITED))
                .does(B, call -> answeredTaking(call, 500, Replies.OK));

        loop.run(A, B);

        assertThat(loop.heldAtTheEnd).as("the last is held until it is handed on").isEqualTo(500);
    }

    private ProviderReply answeredTaking(FakeProvider.Call call, int bytes, ProviderReply reply) {
        assertThat(loop.budget.answers()).isZero();
        assertThat(call.hold().tryTake(bytes)).isTrue();
        return reply;
    }

    @Test
    void doesNotCallALaneAgainInPlaceThatHasBeenBenchedMeanwhile() throws Exception {
        loop.provider
                .does(
                        A,
                        _ -> {
                            var failure =
                                    new LaneFailure(
                                            ErrorKind.AUTH, Reach.INSTANCE, null, "of another");
                            loop.circuits.failed(A.id(), loop.circuits.now(), failure);
                            return Replies.REFUSED;
                        })
                .on(B, Replies.OK);

        loop.run(A, B);

        assertThat(loop.provider.lanes()).containsExactly(A.id(), B.id());
    }

    @ParameterizedTest
    @MethodSource("whatStops")
    void stopsWithTheProvidersAnswer(ProviderReply reply) throws InterruptedException {
        loop.provider.on(A, reply);

        Conclusion conclusion = loop.run(A, B);

        assertThat(conclusion.outcome()).isEqualTo(new Refused(conclusion.attempts().getFirst()));
        assertThat(loop.provider.lanes()).containsExactly(A.id());
    }

    static Stream<ProviderReply> whatStops() {
        return Stream.of(
                Replies.BAD_REQUEST,
                Replies.FLAGGED,
                Replies.error(400, "max_tokens is too large: 9000"));
    }

    @Test
    void lesson1And12EndsOnABugWithoutBurningTheOtherLanes() throws InterruptedException {
        loop.provider.does(
                A,
                _ -> {
                    throw new IllegalStateException("secret in here");
                });

        Conclusion conclusion = loop.run(A, B);

        assertThat(conclusion.outcome())
                .isEqualTo(
                        new Failed(
                                FailureCode.INTERNAL_ERROR,
                                "internal (bug: IllegalStateException)"));
        assertThat(error(conclusion.attempts().getFirst())).isEqualTo(ErrorKind.INTERNAL);
        assertThat(loop.provider.lanes()).containsExactly(A.id());
    }

    @Test
    void lesson7And32CallsEveryLaneOnceBeforeAnyTwiceWhateverTheyAnswer()
            throws InterruptedException {
        loop.provider
                .always(A, Replies.BROKEN)
                .always(B, Replies.RATE_LIMITED)
                .always(C, Replies.TIMED_OUT);

        Conclusion conclusion = loop.run(request(), settings().maxAttempts(4), A, B, C);

        assertThat(loop.provider.lanes()).startsWith(A.id(), B.id(), C.id());
        assertThat(conclusion.attempts()).hasSizeGreaterThan(4);
        assertThat(conclusion.outcome()).isInstanceOf(Failed.class);
    }

    /** Legion padded a chain by repeating its last target, which looked like attempts. */
    @Test
    void lesson20MakesNoMoreAttemptsThanThereAreLanesThatMayHelp() throws InterruptedException {
        ProviderReply odd = Replies.error(405, "Method Not Allowed");
        loop.provider.on(A, odd).on(B, odd);

        Conclusion conclusion = loop.run(request(), settings().maxAttempts(5), A, B);

        assertThat(loop.provider.lanes()).containsExactly(A.id(), B.id());
        assertThat(conclusion.outcome()).isInstanceOf(Failed.class);
    }

    /** Lateral before upward: the same model elsewhere before a model of another tier. */
    @Test
    void lesson20GoesToTheSameModelElsewhereBeforeAnotherTier() throws InterruptedException {
        Lane sibling = lane("local:c:y:inference:m").weight(10).build();
        Lane above = lane("frontier:a:x:inference:other").weight(500).build();
        loop.provider.on(C, Replies.BROKEN).on(sibling, Replies.OK);

        loop.runAs(request("m").fallbacks("other"), settings(), above, C, sibling);

        assertThat(loop.provider.lanes()).containsExactly(C.id(), sibling.id());
    }

    @Test
    void lesson2GoesToAnotherInstanceOfTheModelBeforeAnotherModel() throws InterruptedException {
        Lane sibling = lane("frontier:a:y:inference:m").weight(10).build();
        Lane other = lane("frontier:a:x:inference:other").weight(250).build();
        loop.provider.on(A, Replies.NO_CREDIT).on(sibling, Replies.OK);

        Conclusion conclusion = loop.run(A, sibling, other);

        assertThat(loop.provider.lanes()).containsExactly(A.id(), sibling.id());
        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
    }

    @Test
    void lesson33NeverLeavesTheHouseWithForcedLocalWork() throws InterruptedException {
        Lane second = lane("local:d:x:inference:other").weight(50).build();
        loop.provider.on(C, Replies.BROKEN).on(second, Replies.REFUSED, Replies.REFUSED);

        Conclusion conclusion =
                loop.run(
                        request().sensitivity(new Sensitivity(null, false, true)),
                        settings().maxAttempts(10),
                        A,
                        B,
                        C,
                        second);

        assertThat(new HashSet<>(loop.provider.lanes()))
                .containsExactlyInAnyOrder(C.id(), second.id());
        assertThat(conclusion.outcome()).isInstanceOf(Failed.class);
    }

    @Test
    void tellsWhatEachAnswerSaysOfItsLanesLimits() throws InterruptedException {
        loop.provider
                .on(A, Replies.saying(Replies.RATE_LIMITED, "x-ratelimit-limit-requests", "60"))
                .on(B, Replies.BROKEN, Replies.BROKEN, Replies.BROKEN)
                .on(C, Replies.saying(Replies.OK, "anthropic-ratelimit-tokens-limit", "9000"));

        loop.run(A, B, C);

        assertThat(loop.told)
                .extracting(each -> each.getKey().provider() + " " + each.getValue())
                .containsExactly(
                        "a [ToldLimit[counted=REQUESTS, limit=60, per=PT1M, remaining=-1,"
                                + " reset=null]]",
                        "c [ToldLimit[counted=TOKENS, limit=9000, per=PT1M, remaining=-1,"
                                + " reset=null]]");
    }

    @Test
    void namesEveryLaneAndItsReasonWhereAllFailed() throws InterruptedException {
        loop.provider
                .always(A, Replies.BROKEN)
                .always(B, Replies.RATE_LIMITED)
                .always(C, Replies.BAD_KEY);

        Conclusion conclusion = loop.run(A, B, C);

        assertThat(conclusion.outcome())
                .isInstanceOfSatisfying(
                        Failed.class,
                        failed -> {
                            assertThat(failed.code()).isEqualTo(FailureCode.ESCALATION_EXHAUSTED);
                            assertThat(failed.message())
                                    .contains(
                                            A.id() + ": server (HTTP 500: Internal server error)",
                                            B.id() + ": rate_limit (HTTP 429",
                                            C.id() + ": auth (HTTP 401: Unauthorized)");
                        });
        assertThat(loop.provider.lanes()).filteredOn(A.id()::equals).hasSize(3);
    }

    @Test
    void endsWithoutACallWhereTheRouteIsEmpty() throws InterruptedException {
        Conclusion conclusion = loop.run(lane("local:a:x:inference:m").weight(0).build());

        assertThat(conclusion.outcome())
                .isEqualTo(
                        new Failed(
                                FailureCode.NO_LANE_AVAILABLE,
                                "no lane is open to model auto: weight excludes 1 lane"));
        assertThat(conclusion.attempts()).isEmpty();
        assertThat(loop.dispatched).isEmpty();
    }

    @Test
    void endsWhereAnAnswerIsTooLargeToCarry() throws InterruptedException {
        loop.provider.on(A, new TooLarge(200, 1000));

        Conclusion conclusion = loop.run(A, B);

        assertThat(conclusion.outcome())
                .isInstanceOfSatisfying(
                        Failed.class,
                        failed ->
                                assertThat(failed.code()).isEqualTo(FailureCode.RESULT_TOO_LARGE));
        assertThat(loop.provider.lanes()).containsExactly(A.id());
    }

    @Test
    void makesOneCallAndShowsItsErrorWhereEscalationIsOff() throws InterruptedException {
        loop.provider.on(A, Replies.RATE_LIMITED);

        Conclusion conclusion = loop.run(request().escalate(false), settings(), A, B);

        assertThat(conclusion.outcome()).isEqualTo(new Refused(conclusion.attempts().getFirst()));
        assertThat(loop.provider.lanes()).containsExactly(A.id());
    }

    @Test
    void namesTheErrorWhereEscalationIsOffAndNoAnswerCame() throws InterruptedException {
        loop.provider.on(A, Replies.REFUSED);

        Conclusion conclusion = loop.run(request(), settings().escalate(false), A, B);

        assertThat(conclusion.outcome())
                .isInstanceOfSatisfying(
                        Failed.class,
                        failed -> {
                            assertThat(failed.code()).isEqualTo(FailureCode.ESCALATION_EXHAUSTED);
                            assertThat(failed.message())
                                    .contains("network", "not tried, escalate is false");
                        });
        assertThat(loop.provider.lanes()).containsExactly(A.id());
    }

    @Test
    void neverShowsABrokenAnswerOfStatus200AsAResult() throws InterruptedException {
        loop.provider.on(A, Replies.answered(200, "{\"choices\":[]}", null));

        Conclusion conclusion = loop.run(request().escalate(false), settings(), A);

        assertThat(conclusion.outcome()).isInstanceOf(Failed.class);
    }

    @Test
    void numbersAttemptsInTheOrderOfDispatch() throws InterruptedException {
        loop.provider.on(A, Replies.RATE_LIMITED).on(B, Replies.BROKEN).on(C, Replies.OK);

        Conclusion conclusion = loop.run(A, B, C);

        assertThat(conclusion.attempts())
                .extracting(each -> each.id().number())
                .isEqualTo(List.of(1, 2, 3));
        assertThat(loop.dispatched)
                .isEqualTo(conclusion.attempts().stream().map(Attempt::dispatch).toList());
    }
}
