package dev.gantry.escalation;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.classification.Basis;
import dev.gantry.classification.Classification;
import dev.gantry.classification.Scope;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptKind;
import dev.gantry.inference.Caps;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FailoverRules;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.Outcome.Abandoned;
import dev.gantry.inference.Outcome.Failed;
import dev.gantry.inference.Outcome.Refused;
import dev.gantry.inference.Outcome.Succeeded;
import dev.gantry.inference.RequestOptions.Sensitivity;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.provider.ProviderReply;
import dev.gantry.repair.Repair;
import dev.gantry.routing.AppliedPolicy;
import dev.gantry.routing.Lane;
import dev.gantry.routing.RequestBuilder;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** How far a policy's chain is climbed. */
class ConfiguredPolicyTest {
    private static final Lane A = lane("frontier:a:x:inference:m").weight(100).build();
    private static final Lane A_TWO = lane("frontier:a:y:inference:m").weight(90).build();
    private static final Lane B = lane("frontier:b:x:inference:n").weight(200).build();
    private static final Lane LOCAL = lane("local:c:x:inference:m").weight(300).build();
    private static final Rules NO_RETRIES = new Rules().onRetries(0);

    private final LoopFixture loop = new LoopFixture();

    /** Failover rules as they are written; what is not stands at its default. */
    record Rules(
            @Nullable List<Integer> statuses,
            @Nullable List<String> kinds,
            @Nullable Duration timeout,
            @Nullable Integer attempts,
            boolean permanent,
            @Nullable Integer retries) {
        Rules() {
            this(null, null, null, null, false, null);
        }

        Rules onStatuses(Integer... all) {
            return new Rules(List.of(all), kinds, timeout, attempts, permanent, retries);
        }

        Rules onKinds(String... all) {
            return new Rules(statuses, List.of(all), timeout, attempts, permanent, retries);
        }

        Rules onTimeout(Duration value) {
            return new Rules(statuses, kinds, value, attempts, permanent, retries);
        }

        Rules onAttempts(int most) {
            return new Rules(statuses, kinds, timeout, most, permanent, retries);
        }

        Rules advanceOnPermanent() {
            return new Rules(statuses, kinds, timeout, attempts, true, retries);
        }

        Rules onRetries(int count) {
            return new Rules(statuses, kinds, timeout, attempts, permanent, count);
        }

        FailoverRules merged() {
            return FailoverRules.merged(statuses, kinds, timeout, attempts, permanent, retries);
        }
    }

    static Stream<Arguments> whatAdvances() {
        return Stream.of(
                row("Harn default status 429", NO_RETRIES, Replies.RATE_LIMITED),
                row("Harn default status 500", NO_RETRIES, Replies.BROKEN),
                row("Harn default status 503", NO_RETRIES, Replies.OVERLOADED),
                row("529 beside Harn's", NO_RETRIES, Replies.error(529, "Overloaded")),
                row("Harn default transient_network", NO_RETRIES, Replies.NO_HOST),
                row("Harn default timeout", NO_RETRIES, Replies.TIMED_OUT),
                row("Harn insufficient_quota", NO_RETRIES, Replies.NO_CREDIT),
                row("Harn on_status", NO_RETRIES.onStatuses(401).onKinds(), Replies.BAD_KEY),
                row("Harn on_error_kinds", NO_RETRIES.onKinds("auth"), Replies.BAD_KEY),
                row("Harn generic", NO_RETRIES.onKinds("generic"), Replies.error(404, "Not found")),
                row(
                        "Harn schema_validation",
                        NO_RETRIES.onKinds("schema_validation"),
                        Replies.BAD_REQUEST),
                row(
                        "majordomo ErrModelNotFound, whatever the rules",
                        NO_RETRIES.onStatuses().onKinds(),
                        Replies.error(404, "The model `m` does not exist")),
                row(
                        "majordomo AdvanceOnPermanent",
                        NO_RETRIES.advanceOnPermanent(),
                        Replies.BAD_REQUEST),
                row(
                        "majordomo AdvanceOnPermanent, credentials",
                        NO_RETRIES.advanceOnPermanent(),
                        Replies.BAD_KEY),
                row(
                        "lesson 50, partially set rules drop no others",
                        NO_RETRIES.onStatuses(429),
                        Replies.BROKEN),
                row(
                        "decision 7.1, timeouts advance always",
                        NO_RETRIES.onStatuses().onKinds(),
                        Replies.TIMED_OUT));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("whatAdvances")
    void theChainAdvances(String rule, Rules rules, ProviderReply reply) throws Exception {
        loop.provider.on(A, reply).on(B, Replies.OK);

        Conclusion conclusion = run(policy(rules, "a:m", "b:n"), A, B);

        assertThat(loop.provider.lanes()).as(rule).containsExactly(A.id(), B.id());
        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
    }

    static Stream<Arguments> whatEnds() {
        return Stream.of(
                row("majordomo permanent errors fail fast", NO_RETRIES, Replies.BAD_KEY),
                row("Harn rejects by default what no rule lists", NO_RETRIES, Replies.BAD_REQUEST),
                row("Harn generic stops", NO_RETRIES, Replies.error(404, "Not found")),
                row("rsclaw ContextExceeded propagates", NO_RETRIES, Replies.TOO_LONG),
                row(
                        "kinds set, 429 excluded",
                        NO_RETRIES.onStatuses(500).onKinds(),
                        Replies.RATE_LIMITED),
                row(
                        "statuses none, kinds auth",
                        NO_RETRIES.onStatuses().onKinds("auth"),
                        Replies.BROKEN),
                row(
                        "a refusal is never shopped around",
                        NO_RETRIES.advanceOnPermanent().onStatuses(400).onKinds("content_policy"),
                        Replies.FLAGGED));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("whatEnds")
    void theRequestEndsWithTheErrorThatNoRuleLists(String rule, Rules rules, ProviderReply reply)
            throws Exception {
        loop.provider.on(A, reply);

        Conclusion conclusion = run(policy(rules, "a:m", "b:n"), A, B);

        assertThat(loop.provider.lanes()).as(rule).containsExactly(A.id());
        assertThat(conclusion.outcome()).isEqualTo(new Refused(conclusion.attempts().getFirst()));
    }

    @Test
    void anErrorWithoutAnAnswerEndsTheRequestAsWell() throws Exception {
        loop.provider.on(A, Replies.NO_HOST);

        Conclusion conclusion = run(policy(NO_RETRIES.onKinds("auth"), "a:m", "b:n"), A, B);

        assertThat(loop.provider.lanes()).containsExactly(A.id());
        assertThat(conclusion.outcome()).isInstanceOf(Refused.class);
    }

    @Test
    void aCancelledRequestIsGivenUpWhateverTheRules() throws Exception {
        loop.provider.does(
                A,
                call -> {
                    loop.cancellation.cancel();
                    return new ProviderReply.Cancelled(true);
                });

        Conclusion conclusion =
                run(
                        policy(NO_RETRIES.advanceOnPermanent().onKinds("cancelled"), "a:m", "b:n"),
                        A,
                        B);

        assertThat(conclusion.outcome()).isInstanceOf(Abandoned.class);
        assertThat(loop.provider.lanes()).containsExactly(A.id());
    }

    @Test
    void anOverflowAdvancesOnlyToALargerWindow() throws Exception {
        Lane small = lane("frontier:a:x:inference:m").window(4096).build();
        Lane same = lane("frontier:b:x:inference:n").window(4096).build();
        Lane large = lane("frontier:d:x:inference:o").window(8192).build();
        loop.provider.on(small, Replies.TOO_LONG).on(large, Replies.OK);

        run(
                policy(NO_RETRIES.onKinds("context_overflow"), "a:m", "b:n", "d:o"),
                small,
                same,
                large);

        assertThat(loop.provider.lanes()).containsExactly(small.id(), large.id());
    }

    @Test
    void aTransientFailureIsRepeatedInPlaceOnceBeforeTheChainAdvances() throws Exception {
        loop.provider.on(A, Replies.BROKEN, Replies.BROKEN).on(B, Replies.OK);

        Conclusion conclusion = run(policy(new Rules(), "a:m", "b:n"), A, B);

        assertThat(loop.provider.lanes()).containsExactly(A.id(), A.id(), B.id());
        assertThat(LoopFixture.kinds(conclusion))
                .containsExactly(AttemptKind.PRIMARY, AttemptKind.RETRY, AttemptKind.FAILOVER);
        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
    }

    /** majordomo, lesson 55: one request with its repeats must not bench a target. */
    @Test
    void repeatsUseNoAttemptAndCountOnceAgainstTheLane() throws Exception {
        loop.provider.on(A, Replies.BROKEN, Replies.BROKEN, Replies.BROKEN).on(B, Replies.OK);

        Conclusion conclusion = run(policy(new Rules().onRetries(2), "a:m", "b:n"), A, B);

        assertThat(conclusion.attempts()).hasSize(4);
        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
        assertThat(loop.circuits.availability(A.id()))
                .isInstanceOf(LaneAvailability.Admitted.class);
    }

    @Test
    void anUnknownFailureIsRepeatedAndThenEndsTheRequest() throws Exception {
        ProviderReply unknown = Replies.error(404, "Not found");
        loop.provider.on(A, unknown, unknown);

        Conclusion conclusion = run(policy(new Rules(), "a:m", "b:n"), A, B);

        assertThat(loop.provider.lanes()).containsExactly(A.id(), A.id());
        assertThat(conclusion.outcome()).isEqualTo(new Refused(conclusion.attempts().getLast()));
    }

    @Test
    void aRateLimitIsNeverRepeatedInPlace() throws Exception {
        loop.provider.on(A, Replies.RATE_LIMITED).on(B, Replies.OK);

        run(policy(new Rules().onRetries(2), "a:m", "b:n"), A, B);

        assertThat(loop.provider.lanes()).containsExactly(A.id(), B.id());
    }

    /** rsclaw's TRANSIENT_RETRY_BACKOFFS. */
    @Test
    void repeatsWaitHalfASecondThenTwo() throws Exception {
        RoutingPolicy policy = policy(new Rules().onRetries(2), "a:m");
        EscalationPolicy rules = new ConfiguredPolicy(new AppliedPolicy(policy, Map.of()));
        loop.provider.on(A, Replies.BROKEN, Replies.OK);
        Conclusion conclusion = run(policy, A);
        Attempt failed = conclusion.attempts().getFirst();

        assertThat(rules.pause(called(failed, 0))).isEqualTo(Duration.ofMillis(500));
        assertThat(rules.pause(called(failed, 1))).isEqualTo(Duration.ofSeconds(2));
        assertThat(rules.pause(called(failed, 2))).isEqualTo(Duration.ofSeconds(2));
        assertThat(rules.judgedLater(called(failed, 1))).isTrue();
        assertThat(rules.judgedLater(called(failed, 2))).isFalse();
    }

    @Test
    void maxAttemptsDefaultsToTheLengthOfTheChain() throws Exception {
        loop.provider.always(A, Replies.BROKEN).always(B, Replies.BROKEN);

        Conclusion two = run(policy(NO_RETRIES, "a:m", "b:n"), A, B);
        loop.ended.clear();
        Conclusion three = run(policy(NO_RETRIES.onAttempts(3), "a:m", "b:n"), A, B);

        assertThat(two.attempts()).hasSize(2);
        assertThat(three.attempts()).hasSize(3);
        assertThat(two.outcome())
                .isInstanceOfSatisfying(
                        Failed.class,
                        failed -> {
                            assertThat(failed.code()).isEqualTo(FailureCode.ESCALATION_EXHAUSTED);
                            assertThat(failed.message())
                                    .contains(A.id().value(), B.id().value(), "server");
                        });
    }

    /** rsclaw's profiles: the keys of one model stand in for one another. */
    @Test
    void aDeadKeyLeavesItsLinkToTheOtherInstances() throws Exception {
        loop.provider.on(A, Replies.BAD_KEY).on(A_TWO, Replies.OK);

        Conclusion conclusion = run(policy(NO_RETRIES, "a:m", "b:n"), A, A_TWO, B);

        assertThat(loop.provider.lanes()).containsExactly(A.id(), A_TWO.id());
        assertThat(conclusion.outcome()).isInstanceOf(Succeeded.class);
    }

    @Test
    void aLinkWhoseKeysAreAllDeadEndsTheRequest() throws Exception {
        loop.provider.on(A, Replies.BAD_KEY).on(A_TWO, Replies.BAD_KEY);

        Conclusion conclusion = run(policy(NO_RETRIES, "a:m", "b:n"), A, A_TWO, B);

        assertThat(loop.provider.lanes()).containsExactly(A.id(), A_TWO.id());
        assertThat(conclusion.outcome()).isEqualTo(new Refused(conclusion.attempts().getLast()));
    }

    @Test
    void aCallTakesNoLongerThanItsLinkAllows() throws Exception {
        loop.provider.on(A, Replies.TIMED_OUT).on(B, Replies.TIMED_OUT).on(LOCAL, Replies.OK);
        RoutingPolicy policy =
                new RoutingPolicy(
                        "p",
                        List.of(
                                RoutingPolicy.Link.of("a", "m", null, Duration.ofMillis(7), null),
                                RoutingPolicy.Link.of("b", "n", null, null, "second"),
                                RoutingPolicy.Link.of("c", "m", null, Duration.ofHours(1), null)),
                        NO_RETRIES.onTimeout(Duration.ofSeconds(9)).merged(),
                        RoutingPolicy.Latency.NONE,
                        Caps.NONE,
                        "acme.routing");

        Conclusion conclusion = run(policy, A, B, LOCAL);

        assertThat(loop.provider.calls())
                .extracting(FakeProvider.Call::timeout)
                .containsExactly(
                        Duration.ofMillis(7), Duration.ofSeconds(9), Duration.ofMinutes(1));
        assertThat(conclusion.attempts())
                .extracting(each -> each.dispatch().step())
                .containsExactly(
                        new RoutingPolicy.Step("p", "a:m", "acme.routing"),
                        new RoutingPolicy.Step("p", "second", "acme.routing"),
                        new RoutingPolicy.Step("p", "c:m", "acme.routing"));
    }

    /** A link's short time says nothing about the lane. */
    @Test
    void aTimeThatThePolicyCutShortIsNoFailureOfTheLane() throws Exception {
        RoutingPolicy policy =
                policy(NO_RETRIES.onTimeout(Duration.ofMillis(5)).onAttempts(1), "a:m");
        loop.provider.always(A, Replies.TIMED_OUT);

        for (int request = 0; request < 5; request++) {
            run(policy, A);
            loop.ended.clear();
        }

        assertThat(loop.circuits.availability(A.id()))
                .isInstanceOf(LaneAvailability.Admitted.class);
    }

    static Stream<ProviderReply> faults() {
        return Stream.of(
                Replies.RATE_LIMITED,
                Replies.BROKEN,
                Replies.BAD_KEY,
                Replies.NO_CREDIT,
                Replies.BAD_REQUEST,
                Replies.TIMED_OUT,
                Replies.NO_HOST,
                Replies.TOO_LONG,
                Replies.FLAGGED,
                Replies.error(404, "The model `m` does not exist"));
    }

    /** Lesson 33: whatever the policy says, and whatever the local lane answers. */
    @ParameterizedTest
    @MethodSource("faults")
    void aForcedLocalRequestNeverLeavesItsTier(ProviderReply fault) throws Exception {
        loop.provider.on(LOCAL, fault).always(LOCAL, Replies.BAD_REQUEST);
        RoutingPolicy policy =
                policy(
                        NO_RETRIES.advanceOnPermanent().onStatuses(400, 401, 404, 429, 500),
                        "a:m",
                        "c:m",
                        "b:n");

        run(
                request()
                        .sensitivity(new Sensitivity(null, false, true))
                        .deadline(loop.clock.instant().plusSeconds(30))
                        .policy(policy),
                A,
                A_TWO,
                B,
                LOCAL);

        assertThat(loop.provider.lanes()).isNotEmpty().containsOnly(LOCAL.id());
    }

    @Test
    void escalateFalseMakesOneCallWhateverThePolicy() throws Exception {
        loop.provider.on(A, Replies.BROKEN);

        Conclusion conclusion =
                run(request().escalate(false).policy(policy(new Rules(), "a:m", "b:n")), A, B);

        assertThat(conclusion.attempts()).hasSize(1);
        assertThat(conclusion.outcome()).isInstanceOf(Refused.class);
    }

    private static AttemptHistory.Called called(Attempt attempt, int repeat) {
        var plan =
                new PlannedCall(
                        attempt.id(),
                        A,
                        attempt.dispatch().kind(),
                        repeat == 0 ? PlannedCall.Visit.COUNTED : PlannedCall.Visit.IN_PLACE,
                        "test",
                        Repair.NONE,
                        repeat,
                        PlannedCall.Terms.NONE);
        var failure =
                new Classification(
                        ErrorKind.SERVER,
                        Scope.LANE,
                        "broken",
                        "broken",
                        null,
                        null,
                        false,
                        Basis.FACT,
                        null);
        return new AttemptHistory.Called(
                plan,
                attempt,
                new AttemptHistory.Heard(Replies.BROKEN, failure, false, false),
                new AttemptHistory.Moment(0, Instant.EPOCH),
                false,
                null);
    }

    private Conclusion run(RoutingPolicy policy, Lane... lanes) throws InterruptedException {
        return run(request().policy(policy), lanes);
    }

    private Conclusion run(RequestBuilder request, Lane... lanes) throws InterruptedException {
        return loop.run(request, settings(), lanes);
    }

    private static RoutingPolicy policy(Rules rules, String... links) {
        return new RoutingPolicy(
                "p",
                Arrays.stream(links)
                        .map(each -> each.split(":", 2))
                        .map(each -> RoutingPolicy.Link.of(each[0], each[1], null, null, null))
                        .toList(),
                rules.merged(),
                RoutingPolicy.Latency.NONE,
                Caps.NONE,
                RoutingPolicy.DEFAULT_EVENT);
    }

    private static Arguments row(String rule, Rules rules, ProviderReply reply) {
        return Arguments.of(rule, rules, reply);
    }
}
