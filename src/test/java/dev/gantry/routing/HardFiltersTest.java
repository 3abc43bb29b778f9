package dev.gantry.routing;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;
import static dev.gantry.routing.SampleCatalogue.deadEnd;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Capability;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.Operation;
import dev.gantry.inference.RequestOptions.Intent;
import dev.gantry.inference.RequestOptions.Sensitivity;
import dev.gantry.inference.Tier;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

class HardFiltersTest {
    private static final String FRONTIER = "frontier:openai:main:inference:m";
    private static final String LOCAL = "local:vllm:gpu:inference:m";
    private static final Intent STRICT = new Intent(Set.of(), null, "strict", null);

    static Stream<Arguments> exclusions() {
        return Stream.of(
                row(Filter.TYPE, lane(FRONTIER), request("m").operation(Operation.EMBEDDINGS)),
                row(Filter.MISSING_CREDENTIALS, lane(FRONTIER).withoutCredentials(), request("m")),
                row(Filter.WEIGHT, lane(FRONTIER).weight(0), request("m")),
                row(Filter.PROVIDER, lane(FRONTIER), request("m").provider("azure")),
                row(Filter.INSTANCE, lane(FRONTIER), request("m").instance("other")),
                row(Filter.TIER, lane(FRONTIER), request("m").tier(Tier.LOCAL)),
                row(Filter.PRIVACY, lane(FRONTIER), request("m").intent(STRICT)),
                row(
                        Filter.PRIVACY,
                        lane("cloud:bedrock:eu:inference:m"),
                        request("m").intent(STRICT)),
                row(
                        Filter.FORCED_TIER,
                        lane("direct:vllm:a:inference:m"),
                        request("m").sensitivity(new Sensitivity(null, false, true))),
                row(
                        Filter.CAPABILITIES,
                        lane(FRONTIER).capabilities(Capability.STREAMING),
                        request("m").needs(Capability.TOOLS)),
                row(
                        Filter.CAPABILITIES,
                        lane(FRONTIER).capabilities(),
                        request("m")
                                .intent(new Intent(Set.of(Capability.VISION), null, null, null))),
                row(Filter.CONTEXT, lane(FRONTIER).window(1000), request("m").input(901)),
                row(
                        Filter.CONTEXT,
                        lane(FRONTIER).window(1000),
                        request("m").input(100).output(801)));
    }

    private static Arguments row(Filter filter, LaneDraft lane, RequestBuilder request) {
        return Arguments.of(filter, lane, request);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("exclusions")
    void namesTheFilterThatExcludesALane(Filter filter, LaneDraft lane, RequestBuilder request) {
        Lane only = lane.build();

        Route route = new Router(List.of(only), settings().build()).route(request.build());

        assertThat(route.lanes()).isEmpty();
        assertThat(route.exclusions()).containsExactly(new Exclusion(only, filter));
        assertThat(deadEnd(route).message()).contains(filter.label());
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("exclusions")
    void letsTheSameLanePassAPlainRequest(Filter filter, LaneDraft lane, RequestBuilder request) {
        Lane only = lane.build();
        boolean closed = filter == Filter.MISSING_CREDENTIALS || filter == Filter.WEIGHT;

        Route route = new Router(List.of(only), settings().build()).route(request("m").build());

        assertThat(route.lanes().isEmpty()).isEqualTo(closed);
    }

    @Test
    void lesson9NeverGivesAToolRequestToALaneWithoutTools() {
        Router router =
                new Router(
                        List.of(
                                lane(FRONTIER).weight(1000).capabilities().build(),
                                lane(LOCAL).capabilities(Capability.TOOLS).build()),
                        settings().build());

        Route route = router.route(request("m").needs(Capability.TOOLS).build());

        assertThat(route.lanes()).extracting(each -> each.id().value()).containsExactly(LOCAL);
        assertThat(route.needs()).containsExactly(Capability.TOOLS);
    }

    @Test
    void lesson33KeepsForcedLocalWorkInEvenIfTheCallerAsksOtherwise() {
        Router router = router();

        Route route =
                router.route(
                        request("m")
                                .tier(Tier.FRONTIER)
                                .sensitivity(new Sensitivity(null, true, false))
                                .build());

        assertThat(route.lanes()).extracting(each -> each.id().value()).containsExactly(LOCAL);
        assertThat(route.assignment())
                .isEqualTo(new Assignment(Tier.LOCAL, Assignment.Source.SENSITIVITY, true));
    }

    @Test
    void lesson33NeverSendsForcedLocalWorkOutWhereNoLocalLaneExists() {
        Router router = new Router(List.of(lane(FRONTIER).build()), settings().build());

        Route route =
                router.route(
                        request("auto").sensitivity(new Sensitivity(null, false, true)).build());

        assertThat(route.lanes()).isEmpty();
        assertThat(deadEnd(route).code()).isEqualTo(FailureCode.NO_LANE_AVAILABLE);
    }

    @Test
    void lesson35ForcesLocalForLevelRestrictedWithoutPersonalData() {
        Router router = router();

        Route route =
                router.route(
                        request("m")
                                .sensitivity(new Sensitivity("restricted", false, false))
                                .build());

        assertThat(route.lanes()).extracting(each -> each.id().value()).containsExactly(LOCAL);
    }

    @Test
    void enterprisePrivacyClosesCloudAndFrontierToEverybody() {
        Router router =
                new Router(
                        List.of(
                                lane(FRONTIER).build(),
                                lane("cloud:bedrock:eu:inference:m").build(),
                                lane("fleet:gpu:a:inference:m").build(),
                                lane(LOCAL).build()),
                        settings().enterprisePrivacy().build());

        Route route = router.route(request("m").build());

        assertThat(route.lanes())
                .extracting(each -> each.id().tier())
                .containsExactlyInAnyOrder(Tier.FLEET, Tier.LOCAL);
    }

    @Test
    void lesson4ReportsADeniedModelAsPolicyDenied() {
        Router router = new Router(List.of(lane(FRONTIER).build()), settings().denied("M").build());

        Route route = router.route(request("m").build());

        assertThat(deadEnd(route).code()).isEqualTo(FailureCode.POLICY_DENIED);
    }

    @Test
    void allowsOnlyModelsWhoseNameHoldsAnAllowedPart() {
        Router router =
                new Router(
                        List.of(
                                lane("frontier:openai:main:inference:GPT-5-mini").build(),
                                lane("frontier:openai:main:inference:o3").build(),
                                lane("local:vllm:gpu:inference:q").aliases("my-gpt-5").build()),
                        settings().allowed("gpt-5").build());

        Route route = router.route(request("auto").build());

        assertThat(route.lanes())
                .extracting(each -> each.id().model())
                .containsExactlyInAnyOrder("GPT-5-mini", "q");
    }

    @Test
    void reportsContextOverflowWhereAnAllowedLaneIsOnlyTooSmall() {
        Router router =
                new Router(
                        List.of(
                                lane(LOCAL).window(100).build(),
                                lane(FRONTIER).aliases("closed").build(),
                                lane("cloud:x:y:inference:m").withoutCredentials().build()),
                        settings().denied("closed").build());

        Route route = router.route(request("m").input(500).build());

        assertThat(deadEnd(route).code()).isEqualTo(FailureCode.CONTEXT_OVERFLOW);
        assertThat(deadEnd(route).message())
                .contains("model m", "context (about 500 tokens in", "excludes 1 lane");
    }

    @Test
    void reportsNoLaneWhereATooSmallLaneIsClosedAnyway() {
        Router router =
                new Router(
                        List.of(lane(LOCAL).window(100).capabilities().build()),
                        settings().build());

        Route route = router.route(request("m").input(500).needs(Capability.VISION).build());

        assertThat(deadEnd(route).code()).isEqualTo(FailureCode.NO_LANE_AVAILABLE);
        assertThat(deadEnd(route).message()).contains("capabilities (vision)");
    }

    private static Router router() {
        return new Router(
                List.of(lane(FRONTIER).weight(1000).build(), lane(LOCAL).build()),
                settings().build());
    }
}
