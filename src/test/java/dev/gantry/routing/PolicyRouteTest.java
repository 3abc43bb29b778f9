package dev.gantry.routing;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Allowance;
import dev.gantry.inference.Caps;
import dev.gantry.inference.FailoverRules;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.RequestOptions.Intent;
import dev.gantry.inference.RequestOptions.Preference;
import dev.gantry.inference.RequestOptions.Sensitivity;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.inference.Tier;
import dev.gantry.metering.PriceList;
import dev.gantry.operation.Operations;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** A policy's chain takes the place of models and their order; the filters stay. */
class PolicyRouteTest {
    private static final String BIG = "frontier:openai:main:inference:large";
    private static final String MINI = "frontier:openai:main:inference:mini";
    private static final String MINI_TWO = "frontier:openai:backup:inference:mini";
    private static final String QWEN = "local:vllm:gpu:inference:qwen";
    private static final List<Lane> LANES =
            List.of(
                    lane(BIG).weight(150).build(),
                    lane(MINI).aliases("small").weight(100).build(),
                    lane(MINI_TWO).aliases("small").weight(140).build(),
                    lane(QWEN).aliases("small").weight(110).build(),
                    lane("cloud:bedrock:a:inference:us.claude").weight(90).build(),
                    lane("cloud:bedrock:a:inference:eu.claude").weight(95).build(),
                    lane("frontier:openai:main:embedding:vectors").build());

    @Test
    void theChainIsTheOrderWhateverTheRequestNames() {
        Route route =
                route(
                        policy("vllm:qwen", "openai:large"),
                        request("mini").policy("p").fallbacks("claude"));

        assertThat(lanes(route)).containsExactly(QWEN, BIG);
    }

    @Test
    void aLinkWithoutAnInstanceMeansItsInstancesInOrderOfWeight() {
        Route route = route(policy("openai:mini", "vllm:qwen"), request().policy("p"));

        assertThat(lanes(route)).containsExactly(MINI_TWO, MINI, QWEN);
        assertThat(route.limits().maxAttempts()).isEqualTo(2);
    }

    @Test
    void aLinkWithAnInstanceMeansThatOneAndAnAliasMeansItsModel() {
        Route route =
                route(
                        policy(
                                List.of(
                                        RoutingPolicy.Link.of(
                                                "openai",
                                                "small",
                                                "main",
                                                Duration.ofSeconds(3),
                                                "first"))),
                        request().policy("p"));

        assertThat(lanes(route)).containsExactly(MINI);
        assertThat(route.policy()).isNotNull();
        assertThat(route.policy().link(route.lanes().getFirst().id()))
                .isEqualTo(
                        new RoutingPolicy.Link(
                                "openai", "small", "main", Duration.ofSeconds(3), "first"));
    }

    @Test
    void aRegionIsMeantAsItIsWritten() {
        assertThat(lanes(route(policy("bedrock:us.claude"), request().policy("p"))))
                .containsExactly("cloud:bedrock:a:inference:us.claude");
        assertThat(lanes(route(policy("bedrock:claude"), request().policy("p")))).hasSize(2);
    }

    @Test
    void aLaneStandsWhereItsFirstLinkPutsIt() {
        Route route =
                route(policy("openai:mini", "vllm:qwen", "openai:small"), request().policy("p"));

        assertThat(lanes(route)).containsExactly(MINI_TWO, MINI, QWEN);
        assertThat(route.limits().maxAttempts()).isEqualTo(3);
    }

    @Test
    void aLinkWhoseLanesAreGoneIsPassedOver() {
        Route some = route(policy("vllm:gone", "moon:x", "openai:large"), request().policy("p"));
        Route none = route(policy("vllm:gone"), request().policy("p"));

        assertThat(lanes(some)).containsExactly(BIG);
        assertThat(none.way())
                .isEqualTo(
                        new Route.DeadEnd(
                                FailureCode.NO_LANE_AVAILABLE,
                                "no lane offers a link of policy p: vllm:gone"));
    }

    @Test
    void aTopicMayAllowSomePoliciesOnly() {
        Allowance allowance = new Allowance("bulk", Set.of(), List.of(), List.of("p"));
        RoutingPolicy p = policy("vllm:qwen");

        assertThat(lanes(route(p, request().policy("p").allowance(allowance))))
                .containsExactly(QWEN);
        assertThat(route(p, request("mini").allowance(allowance)).lanes()).isNotEmpty();
        assertThat(route(p, request().policy("other").allowance(allowance)).way())
                .isEqualTo(
                        new Route.DeadEnd(
                                FailureCode.INVALID_REQUEST,
                                "gantry.routing.policy: other is not allowed on topic bulk; allowed is"
                                        + " p"));
        assertThat(route(p, request().policy(policy("openai:mini")).allowance(allowance)).way())
                .isEqualTo(
                        new Route.DeadEnd(
                                FailureCode.INVALID_REQUEST,
                                "gantry.routing.policy: a policy of the request's own is not allowed"
                                        + " on topic bulk; allowed is p"));
    }

    @Test
    void linksThatNoLaneOffersAreNamed() {
        RoutingPolicy misspelt =
                policy(
                        List.of(
                                RoutingPolicy.Link.of("openai", "mini", "mian", null, "first"),
                                RoutingPolicy.Link.of("opnai", "mini", null, null, null),
                                RoutingPolicy.Link.of("vllm", "qwne", null, null, null),
                                RoutingPolicy.Link.of("moon", "x", null, null, null)));

        Route route = route(policy("vllm:qwen"), request().policy(misspelt));

        assertThat(route.way())
                .isInstanceOfSatisfying(
                        Route.DeadEnd.class,
                        end ->
                                assertThat(end.message())
                                        .endsWith(
                                                ": openai:mini at mian, opnai:mini, vllm:qwne, …"));
    }

    static Stream<Arguments> filters() {
        return Stream.of(
                row(
                        Filter.FORCED_TIER,
                        request().sensitivity(new Sensitivity("restricted", false, false))),
                row(Filter.TIER, request().tier(Tier.LOCAL)),
                row(Filter.PRIVACY, request().intent(new Intent(Set.of(), null, "strict", null))),
                row(Filter.PROVIDER, request().provider("vllm")),
                row(Filter.INSTANCE, request().instance("gpu")),
                row(Filter.MODEL, request().explicitModel("qwen")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("filters")
    void hardFiltersHoldForEveryLink(Filter filter, RequestBuilder asked) {
        RoutingPolicy policy = policy("openai:large", "vllm:qwen", "openai:mini");
        InferenceRequest named = asked.policy("p").build();
        InferenceRequest inline = asked.policy(policy).build();

        for (InferenceRequest each : List.of(named, inline)) {
            Route route = router(settings(), policy).route(each);

            assertThat(lanes(route)).containsExactly(QWEN);
            assertThat(route.exclusions()).extracting(Exclusion::filter).containsOnly(filter);
            assertThat(route.exclusions()).hasSize(3);
        }
    }

    @Test
    void whatTheConfigurationClosesNoPolicyOpens() {
        RoutingPolicy policy = policy("openai:mini", "openai:large", "vllm:qwen");
        InferenceRequest request = request().policy(policy).build();

        assertThat(lanes(router(settings().denied("large"), policy).route(request)))
                .containsExactly(MINI_TWO, MINI, QWEN);
        assertThat(lanes(router(settings().enterprisePrivacy(), policy).route(request)))
                .containsExactly(QWEN);
        assertThat(router(settings().denied("m", "l", "q"), policy).route(request).way())
                .isInstanceOfSatisfying(
                        Route.DeadEnd.class,
                        end -> assertThat(end.code()).isEqualTo(FailureCode.POLICY_DENIED));
    }

    @Test
    void aForcedTierThatNoLinkHasEndsTheRequest() {
        Route route =
                route(
                        policy("openai:large", "openai:mini"),
                        request().policy("p").sensitivity(new Sensitivity(null, true, false)));

        assertThat(route.lanes()).isEmpty();
        assertThat(route.way())
                .isEqualTo(
                        new Route.DeadEnd(
                                FailureCode.NO_LANE_AVAILABLE,
                                "no lane is open to policy p: forced_tier (local, by"
                                        + " classification) excludes 3 lanes"));
    }

    @Test
    void otherOperationsFindNoLaneOfTheChain() {
        Route route =
                route(
                        policy("openai:mini", "openai:vectors"),
                        request().operation(Operations.EMBEDDINGS).policy("p"));

        assertThat(lanes(route)).containsExactly("frontier:openai:main:embedding:vectors");
    }

    @Test
    void aPreferredInstanceGoesFirstWithinItsLink() {
        Route route =
                route(
                        policy("openai:mini", "vllm:qwen"),
                        request().prefer(new Preference("vllm", "main", null)).policy("p"));

        assertThat(lanes(route)).containsExactly(MINI, MINI_TWO, QWEN);
    }

    @Test
    void anAdvisedTierChangesNothingOfAChain() {
        Route route =
                route(
                        policy("openai:large", "vllm:qwen"),
                        request().policy("p").priority("low").hint(Tier.LOCAL));

        assertThat(lanes(route)).containsExactly(BIG, QWEN);
        assertThat(route.assignment()).isNotNull();
        assertThat(route.assignment().applied()).isFalse();
    }

    @Test
    void aRequestThatNamesAnUnknownPolicyIsToldWhichThereAre() {
        Router router = router(settings(), policy("vllm:qwen"));
        InferenceRequest request = request("mini").policy("cheap").build();

        assertThat(router.objection(request))
                .isEqualTo("gantry.routing.policy: unknown policy cheap; allowed is one of p");
        assertThat(router.route(request).way())
                .isEqualTo(
                        new Route.DeadEnd(
                                FailureCode.INVALID_REQUEST,
                                "gantry.routing.policy: unknown policy cheap; allowed is one of"
                                        + " p"));
        assertThat(new Router(LANES, settings().build()).objection(request))
                .endsWith("allowed is one of none (there are none)");
        assertThat(router.objection(request().policy("p").build())).isNull();
        assertThat(router.objection(request("mini").build())).isNull();
    }

    @Test
    void aPolicyOfTheRequestsOwnMayBeForbidden() {
        RoutingPolicy policy = policy("vllm:qwen");
        Router router = router(settings().withoutInlinePolicies(), policy);

        assertThat(router.objection(request().policy(policy).build()))
                .isEqualTo(
                        "gantry.routing.policy: a policy of the request's own is not allowed here;"
                                + " allowed is the name of one: p");
        assertThat(router.objection(request().policy("p").build())).isNull();
    }

    /** Harn, latency.target_p95_ms (row 116): there it was echoed and nobody obeyed it. */
    @Test
    void lanesThatMissTheTargetGoBehindThoseThatMeetItOrAreNotKnown() {
        RoutingPolicy policy =
                new RoutingPolicy(
                        "p",
                        policy("vllm:qwen", "openai:mini", "openai:large").chain(),
                        FailoverRules.DEFAULT,
                        new RoutingPolicy.Latency(null, Duration.ofSeconds(5)),
                        Caps.NONE,
                        RoutingPolicy.DEFAULT_EVENT);
        Router router = router(settings(), policy);
        InferenceRequest request = request().policy("p").build();
        LaneLatencies latencies = new LaneLatencies(() -> 0);

        assertThat(lanes(router.route(request, latencies)))
                .containsExactly(QWEN, MINI_TWO, MINI, BIG);

        answer(latencies, QWEN, 5001);
        answer(latencies, MINI_TWO, 9000);
        answer(latencies, MINI, 5000);
        Route route = router.route(request, latencies);
        assertThat(lanes(route)).containsExactly(MINI, BIG, QWEN, MINI_TWO);
        assertThat(route.way()).isEqualTo(new Route.Open(route.lanes(), Route.Choice.TARGET_P95));

        answer(latencies, MINI, 6000);
        answer(latencies, BIG, 7000);
        assertThat(lanes(router.route(request, latencies)))
                .containsExactly(QWEN, MINI_TWO, MINI, BIG);
    }

    private static void answer(LaneLatencies latencies, String lane, int millis) {
        for (int i = 0; i < LaneLatencies.FEWEST; i++) {
            latencies.answered(lane(lane).build().id(), Duration.ofMillis(millis));
        }
    }

    /** The catalogue is replaced while it is under way. */
    @Test
    void aRequestKeepsThePolicyItBeganWith() {
        InferenceRequest request = request().policy("p").build();
        Route began = router(settings(), policy("vllm:qwen", "openai:mini")).route(request);
        Router redefined = router(settings(), policy("openai:large"));
        Router without = new Router(LANES, settings().build());

        for (Router router : List.of(redefined, without)) {
            Route again = router.reroute(request, began, new LaneLatencies(() -> 0));

            assertThat(lanes(again)).containsExactly(QWEN, MINI_TWO, MINI);
            assertThat(again.policy()).isEqualTo(began.policy());
        }
    }

    @Test
    void maxAttemptsOfThePolicyBoundTheRoute() {
        RoutingPolicy policy =
                new RoutingPolicy(
                        "p",
                        policy("vllm:qwen", "openai:mini").chain(),
                        FailoverRules.merged(null, null, null, 7, null, null),
                        RoutingPolicy.Latency.NONE,
                        Caps.NONE,
                        RoutingPolicy.DEFAULT_EVENT);

        assertThat(route(policy, request().policy("p")).limits().maxAttempts()).isEqualTo(7);
        assertThat(route(policy, request("small")).limits().maxAttempts()).isEqualTo(3);
        assertThat(route(policy, request("small")).policy()).isNull();
    }

    @Test
    void aPolicyOfTheRequestsOwnWidensNothing() {
        RoutingPolicy greedy =
                new RoutingPolicy(
                        "inline:p",
                        policy("vllm:qwen", "openai:mini", "openai:large").chain(),
                        FailoverRules.merged(null, null, null, 10, null, 10),
                        RoutingPolicy.Latency.NONE,
                        Caps.NONE,
                        RoutingPolicy.DEFAULT_EVENT);

        Route one =
                router(settings().maxAttempts(1), greedy).route(request().policy(greedy).build());
        Route named =
                router(settings().maxAttempts(1), greedy).route(request().policy("p").build());

        assertThat(one.limits().maxAttempts()).isEqualTo(1);
        assertThat(one.policy()).isNotNull();
        assertThat(one.policy().policy().failover().retries()).isEqualTo(2);
        assertThat(named.limits().maxAttempts()).isEqualTo(10);
        assertThat(named.policy()).isNotNull();
        assertThat(named.policy().policy().failover().retries()).isEqualTo(10);
    }

    static RoutingPolicy policy(String... links) {
        return policy(
                Arrays.stream(links)
                        .map(each -> each.split(":", 2))
                        .map(each -> RoutingPolicy.Link.of(each[0], each[1], null, null, null))
                        .toList());
    }

    private static RoutingPolicy policy(List<RoutingPolicy.Link> chain) {
        return new RoutingPolicy(
                "p",
                chain,
                FailoverRules.DEFAULT,
                RoutingPolicy.Latency.NONE,
                Caps.NONE,
                RoutingPolicy.DEFAULT_EVENT);
    }

    private static Router router(SettingsDraft settings, RoutingPolicy policy) {
        return new Router(LANES, settings.build(), Map.of("p", policy), PriceList.NONE);
    }

    private static Route route(RoutingPolicy policy, RequestBuilder request) {
        return router(settings(), policy).route(request.build());
    }

    private static List<String> lanes(Route route) {
        return route.lanes().stream().map(each -> each.id().value()).toList();
    }

    private static Arguments row(Filter filter, RequestBuilder request) {
        return Arguments.of(filter, request);
    }
}
