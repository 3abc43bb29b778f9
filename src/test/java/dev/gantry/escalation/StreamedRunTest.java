package dev.gantry.escalation;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gantry.inference.AttemptFate;
import dev.gantry.inference.Capability;
import dev.gantry.inference.Caps;
import dev.gantry.inference.Chunk;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.FailoverRules;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.Outcome.Abandoned;
import dev.gantry.inference.Outcome.Failed;
import dev.gantry.inference.Outcome.Refused;
import dev.gantry.inference.Outcome.Succeeded;
import dev.gantry.inference.RaceEvent;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.inference.Usage;
import dev.gantry.provider.ProviderReply;
import dev.gantry.provider.ProviderReply.Cut;
import dev.gantry.provider.ProviderReply.Stalled;
import dev.gantry.routing.Lane;
import dev.gantry.routing.RequestBuilder;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What a stream's first published delta settles: nobody else may go on with another answer. */
@Timeout(120)
class StreamedRunTest {
    private static final Lane A = lane("frontier:a:x:inference:m").weight(300).build();
    private static final Lane B = lane("frontier:b:x:inference:m").weight(200).build();
    private static final Lane C = lane("frontier:c:x:inference:m").weight(100).build();
    private static final ProviderReply CUT = new Cut(false, true, Duration.ofSeconds(1), "reset");
    private static final Usage CAME = new Usage(null, null, null, 7L, null, Map.of(), null);

    private final LoopFixture loop = new LoopFixture();
    private final HeldCall primary = new HeldCall();
    private final HeldCall backup = new HeldCall();

    static Stream<ProviderReply> whatBreaksOff() {
        return Stream.of(
                CUT,
                new Stalled(Duration.ofSeconds(60)),
                Replies.TIMED_OUT,
                Replies.answered(200, "{\"error\":{\"message\":\"overloaded\"}}", null));
    }

    @Test
    void deltasAreToldInOrderAndTheLastIsMarked() throws InterruptedException {
        loop.provider.does(
                A,
                call -> {
                    call.deltas().delta(bytes("a"));
                    call.deltas().delta(bytes("b"));
                    call.deltas().closing(List.of(bytes("c"), bytes("d")));
                    return Replies.OK;
                });

        Conclusion conclusion = run(streamed(), A, B);

        assertThat(conclusion.outcome()).isEqualTo(new Succeeded(conclusion.attempts().getFirst()));
        assertThat(told()).containsExactly("0 a", "1 b", "2 c", "3 d last");
        assertThat(loop.chunks)
                .extracting(Chunk::attempt)
                .containsOnly(conclusion.attempts().getFirst().id());
        assertThat(conclusion.attempts().getFirst().streamed()).isNotNull();
    }

    @ParameterizedTest
    @MethodSource("whatBreaksOff")
    void nobodyTakesOverAfterTheFirstDelta(ProviderReply reply) throws InterruptedException {
        loop.provider.does(A, call -> broken(call, reply, "a"));

        Conclusion conclusion = run(streamed(), A, B);

        assertThat(loop.provider.lanes()).containsExactly(A.id());
        assertThat(conclusion.outcome())
                .isInstanceOfSatisfying(
                        Failed.class,
                        failed -> {
                            assertThat(failed.code()).isEqualTo(FailureCode.ESCALATION_EXHAUSTED);
                            assertThat(failed.message()).contains("broke off", A.id().value());
                        });
        assertThat(told()).hasSize(2).startsWith("0 a");
        assertThat(told().getLast()).startsWith("1 {\"error\":{").endsWith("last");
    }

    @ParameterizedTest
    @MethodSource("whatBreaksOff")
    void anotherLaneTakesOverBefore(ProviderReply reply) throws InterruptedException {
        loop.provider.does(A, call -> broken(call, reply)).does(B, call -> answered(call, "b"));

        Conclusion conclusion = run(streamed(), A, B);

        assertThat(conclusion.outcome()).isEqualTo(new Succeeded(conclusion.attempts().getLast()));
        assertThat(told()).containsExactly("0 b last");
        assertThat(loop.chunks.getFirst().attempt())
                .isEqualTo(conclusion.attempts().getLast().id());
    }

    /** Nobody can have read what the broker did not take. */
    @Test
    void anotherLaneTakesOverWhileChunksAreLost() throws InterruptedException {
        loop.brokerAway = true;
        loop.provider.does(A, call -> broken(call, CUT, "a")).does(B, call -> answered(call, "b"));

        Conclusion conclusion = run(streamed(), A, B);

        assertThat(conclusion.outcome()).isEqualTo(new Succeeded(conclusion.attempts().getLast()));
        assertThat(loop.chunks).isEmpty();
    }

    @Test
    void aPolicyMakesNoExceptionForItsOwnRules() throws InterruptedException {
        loop.provider.does(A, call -> broken(call, CUT, "a"));
        FailoverRules rules = FailoverRules.merged(null, List.of("network"), null, 3, true, 2);

        Conclusion conclusion = run(streamed().policy(policy(Duration.ofHours(1), rules)), A, B);

        assertThat(loop.provider.lanes()).containsExactly(A.id());
        assertThat(conclusion.outcome()).isInstanceOf(Failed.class);
    }

    @Test
    void aRefusalAfterTheFirstDeltaStaysOne() throws InterruptedException {
        ProviderReply filtered =
                Replies.answered(
                        200,
                        "{\"error\":{\"message\":\"flagged\",\"code\":\"content_filter\"}}",
                        null);
        loop.provider.does(A, call -> broken(call, filtered, "a"));

        Conclusion conclusion = run(streamed(), A, B);

        assertThat(conclusion.outcome()).isInstanceOf(Refused.class);
        assertThat(told().getLast()).contains("content_policy").endsWith("last");
    }

    @Test
    void aRepairInPlaceBeginsTheTextItself() throws InterruptedException {
        loop.provider
                .on(A, Replies.error(400, "Unsupported parameter: 'temperature' is not supported"))
                .does(A, call -> answered(call, "a"));

        Conclusion conclusion = run(streamed().members("temperature"), A, B);

        assertThat(loop.provider.lanes()).containsExactly(A.id(), A.id());
        assertThat(told()).containsExactly("0 a last");
        assertThat(loop.chunks.getFirst().attempt())
                .isEqualTo(conclusion.attempts().getLast().id());
    }

    @Test
    void aStreamThatIsGivenUpSaysSo() throws InterruptedException {
        loop.provider.does(
                A,
                call -> {
                    call.deltas().delta(bytes("a"));
                    loop.cancellation.cancel();
                    return new ProviderReply.Cancelled(true);
                });

        Conclusion conclusion = run(streamed(), A, B);

        assertThat(conclusion.outcome()).isInstanceOf(Abandoned.class);
        assertThat(told().getLast()).contains("cancelled").endsWith("last");
    }

    @Test
    void whatCameOfACutStreamIsKnown() throws InterruptedException {
        loop.provider.does(A, call -> broken(call, CUT, "a"));

        Conclusion conclusion = run(streamed(), A);

        assertThat(conclusion.attempts().getFirst().streamed())
                .satisfies(streamed -> assertThat(streamed).extracting("came").isEqualTo(CAME));
    }

    @Test
    void aRequestThatAsksForNoStreamIsToldNothing() throws InterruptedException {
        loop.provider.does(A, call -> answered(call, "a"));

        run(request(), A);

        assertThat(loop.chunks).isEmpty();
    }

    /** The backup speaks first: the primary is given up, and says nothing any more. */
    @Test
    void theFirstDeltaWinsARace() throws InterruptedException {
        loop.provider
                .does(A, primary)
                .does(
                        B,
                        call -> {
                            primary.awaitBegun();
                            call.deltas().delta(bytes("b"));
                            primary.awaitOver();
                            return answered(call, "c");
                        });

        Conclusion conclusion = race();

        assertThat(conclusion.outcome()).isEqualTo(new Succeeded(conclusion.attempts().getLast()));
        assertThat(told()).containsExactly("0 b", "1 c last");
        assertThat(loop.fates)
                .containsExactlyInAnyOrder(AttemptFate.RACE_LOST, AttemptFate.SELECTED);
        assertThat(loop.races).hasAtLeastOneElementOfType(RaceEvent.Won.class);
    }

    /** Nothing of a call that was too late is told, though it was not stopped in time. */
    @Test
    void whoSpeaksSecondIsNotHeard() throws InterruptedException {
        loop.provider
                .does(
                        A,
                        call -> {
                            backup.awaitBegun();
                            call.deltas().delta(bytes("a"));
                            backup.awaitOver();
                            return answered(call, "b");
                        })
                .does(
                        B,
                        call -> {
                            backup.on(call);
                            call.deltas().delta(bytes("x"));
                            return answered(call, "y");
                        });

        Conclusion conclusion = race();

        assertThat(conclusion.outcome()).isEqualTo(new Succeeded(conclusion.attempts().getFirst()));
        assertThat(told()).containsExactly("0 a", "1 b last");
    }

    @Test
    void aRaceIsOverWhereItsLeaderBreaksOff() throws InterruptedException {
        loop.provider
                .does(
                        A,
                        call -> {
                            backup.awaitBegun();
                            return broken(call, CUT, "a");
                        })
                .does(B, backup);

        Conclusion conclusion = race();

        assertThat(conclusion.outcome()).isInstanceOf(Failed.class);
        assertThat(loop.provider.lanes()).containsExactlyInAnyOrder(A.id(), B.id());
        assertThat(loop.races)
                .last()
                .isInstanceOfSatisfying(
                        RaceEvent.Lost.class,
                        lost -> assertThat(lost.reason()).isEqualTo(RaceEvent.Reason.BROKEN_OFF));
        assertThat(told()).hasSize(2).startsWith("0 a");
    }

    private Conclusion race() throws InterruptedException {
        FailoverRules rules = FailoverRules.merged(null, null, null, 3, null, null);
        return run(streamed().policy(policy(Duration.ofMillis(1), rules)), A, B, C);
    }

    private static RequestBuilder streamed() {
        return request().needs(Capability.STREAMING);
    }

    private Conclusion run(RequestBuilder request, Lane... lanes) throws InterruptedException {
        return loop.run(request, settings(), lanes);
    }

    private static RoutingPolicy policy(Duration raceAfter, FailoverRules rules) {
        return new RoutingPolicy(
                "p",
                Stream.of("a", "b", "c")
                        .map(each -> RoutingPolicy.Link.of(each, "m", null, null, null))
                        .toList(),
                rules,
                new RoutingPolicy.Latency(raceAfter, null),
                Caps.NONE,
                "acme.routing");
    }

    private static ProviderReply broken(
            FakeProvider.Call call, ProviderReply reply, String... deltas) {
        Arrays.stream(deltas).forEach(each -> call.deltas().delta(bytes(each)));
        call.deltas().cut(CAME);
        return reply;
    }

    private static ProviderReply answered(FakeProvider.Call call, String... chunks) {
        call.deltas().closing(Arrays.stream(chunks).map(StreamedRunTest::bytes).toList());
        return Replies.OK;
    }

    private List<String> told() {
        return loop.chunks.stream()
                .map(
                        each ->
                                "%d %s%s"
                                        .formatted(
                                                each.sequence(),
                                                new String(each.value(), UTF_8),
                                                each.last() ? " last" : ""))
                .toList();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
