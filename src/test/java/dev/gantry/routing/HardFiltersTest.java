package dev.gantry.routing;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;
import static dev.gantry.routing.SampleCatalogue.deadEnd;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.gantry.inference.Allowance;
import dev.gantry.inference.Assignment;
import dev.gantry.inference.Capability;
import dev.gantry.inference.Caps;
import dev.gantry.inference.Dialect;
import dev.gantry.inference.FailoverRules;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.RequestOptions.Intent;
import dev.gantry.inference.RequestOptions.Preference;
import dev.gantry.inference.RequestOptions.Sensitivity;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.inference.Tier;
import dev.gantry.operation.Operations;
import dev.gantry.routing.RoutingSettings.UnknownModel;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

class HardFiltersTest {
    private static final String FRONTIER = "frontier:openai:main:inference:m";
    private static final String LOCAL = "local:vllm:gpu:inference:m";
    private static final String UNSTREAMED = "a response by way of a chat cannot be streamed";
    private static final Intent STRICT = new Intent(Set.of(), null, "strict", null);

    static Stream<Arguments> exclusions() {
        return Stream.of(
                row(Filter.TYPE, lane(FRONTIER), request("m").operation(Operations.EMBEDDINGS)),
                row(Filter.TYPE, lane(FRONTIER), request("m").operation(Operations.MODERATIONS)),
                row(
                        Filter.DIALECT,
                        lane(FRONTIER).dialect(Dialect.ANTHROPIC),
                        request("m").operation(Operations.COMPLETIONS)),
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
                row(
                        Filter.DIALECT,
                        lane(FRONTIER).dialect(Dialect.ANTHROPIC),
                        request("m").members("messages", "seed")),
                row(
                        Filter.DIALECT,
                        lane(FRONTIER).dialect(Dialect.GEMINI),
                        request("m").operation(Operations.CHAT).members("thinking")),
                row(
                        Filter.DIALECT,
                        lane(FRONTIER).capabilities(),
                        request("m")
                                .operation(Operations.RESPONSES)
                                .members("input", "previous_response_id")),
                row(
                        Filter.TOPIC,
                        lane(FRONTIER),
                        request("m").allowance(allowance(Set.of(Tier.LOCAL)))),
                row(
                        Filter.TOPIC,
                        lane(FRONTIER),
                        request("m").allowance(allowance(Set.of(), "qwen*", "n"))),
                row(Filter.CONTEXT, lane(FRONTIER).window(1000), request("m").input(901)),
                row(
                        Filter.CONTEXT,
                        lane(FRONTIER).window(1000),
                        request("m").input(100).output(801)));
    }

    private static Arguments row(Filter filter, LaneDraft lane, RequestBuilder request) {
        return Arguments.of(filter, lane, request);
    }

    @Test
    void aDialectNeedHaveNoFormForWhatItsLaneDoesNotGet() {
        RequestBuilder request = request("m").members("messages", "seed", "logprobs");
        LaneDraft claude = lane(FRONTIER).dialect(Dialect.ANTHROPIC).unsupported("seed");

        Route lacking = route(request, claude.build());
        Route fit = route(request, claude.unsupported("seed", "logprobs").build());

        assertThat(lacking.exclusions().getFirst().label()).isEqualTo("dialect: logprobs");
        assertThat(((Route.DeadEnd) lacking.way()).message())
                .isEqualTo(
                        "no lane is open to model m: dialect (anthropic lacks seed, logprobs)"
                                + " excludes 1 lane");
        assertThat(fit.lanes()).hasSize(1);
        assertThat(router(claude.unsupported("seed").build()).excluded(request.build(), lacking))
                .extracting(ExcludedLane::rule, ExcludedLane::because)
                .containsExactly(tuple("dialect", "dialect (anthropic lacks logprobs)"));
    }

    @Test
    void aResponsesRequestIsTakenByAnyLaneThatKnowsItsApiOrCanSayItInAChat() {
        RequestBuilder plain = request("m").operation(Operations.RESPONSES);
        RequestBuilder kept = request("m").operation(Operations.RESPONSES);
        LaneDraft chats = lane(FRONTIER).capabilities();
        LaneDraft gemini = lane(FRONTIER).capabilities().dialect(Dialect.GEMINI);
        LaneDraft native_ = lane(FRONTIER).capabilities(Capability.RESPONSES);
        plain.members("input", "instructions", "temperature", "metadata", "safety_identifier");
        kept.members("input", "conversation", "parallel_tool_calls", "stream");

        assertThat(route(plain, chats.build()).lanes()).hasSize(1);
        assertThat(route(plain, gemini.build()).lanes()).hasSize(1);
        assertThat(route(kept, native_.build()).lanes()).hasSize(1);
        assertThat(because(kept, chats))
                .contains("dialect (chat lacks conversation; " + UNSTREAMED + ") excludes");
        assertThat(because(kept, gemini))
                .contains(
                        "dialect (gemini lacks conversation, parallel_tool_calls; "
                                + UNSTREAMED
                                + ") excludes");
        assertThat(because(kept, chats.unsupported("conversation", "stream"))).isEmpty();
    }

    @Test
    void whatIsNoLackOfADialectIsNotCalledOne() {
        RequestBuilder chat = request("m").operation(Operations.RESPONSES);
        RequestBuilder background = request("m").operation(Operations.RESPONSES);
        chat.members("messages", "max_tokens", "seed");
        background.members("input", "background");

        assertThat(because(chat, lane(FRONTIER).capabilities()))
                .contains(
                        "dialect (the Responses API has no messages (but input),"
                                + " max_tokens (but max_output_tokens), seed) excludes 1 lane");
        assertThat(because(background, lane(FRONTIER).capabilities()))
                .contains(
                        "dialect (Gantry cannot come back for an answer in the background)"
                                + " excludes 1 lane");
        assertThat(because(request("m").operation(Operations.EMBEDDINGS), lane(FRONTIER)))
                .contains("type (the request wants embedding) excludes 1 lane of type inference");
    }

    private static String because(RequestBuilder request, LaneDraft lane) {
        return route(request, lane.build()).way() instanceof Route.DeadEnd end ? end.message() : "";
    }

    private static Route route(RequestBuilder request, Lane lane) {
        return router(lane).route(request.build());
    }

    private static Router router(Lane lane) {
        return new Router(List.of(lane), RoutingSettings.DEFAULT);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("exclusions")
    void namesTheFilterThatExcludesALane(Filter filter, LaneDraft lane, RequestBuilder request) {
        Lane only = lane.build();

        Route route = new Router(List.of(only), settings().build()).route(request.build());

        assertThat(route.lanes()).isEmpty();
        assertThat(route.exclusions())
                .extracting(Exclusion::lane, Exclusion::filter)
                .containsExactly(tuple(only, filter));
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
    void saysWhatATopicAllows() {
        Allowance allowance = allowance(Set.of(Tier.LOCAL, Tier.CLOUD), "qwen*");

        Route route =
                new Router(List.of(lane(FRONTIER).build(), lane(LOCAL).build()), settings().build())
                        .route(request("m").allowance(allowance).build());

        assertThat(deadEnd(route).code()).isEqualTo(FailureCode.POLICY_DENIED);
        assertThat(deadEnd(route).message())
                .isEqualTo(
                        "no lane is open to model m: topic (bulk allows tiers local, cloud and models"
                                + " qwen*) excludes 2 lanes");
    }

    @Test
    void aTopicsGlobsAreOfModelsAndAliases() {
        Router router =
                new Router(
                        List.of(lane(FRONTIER).aliases("small").build(), lane(LOCAL).build()),
                        settings().build());

        Route byAlias = router.route(request("m").allowance(allowance(Set.of(), "sm*")).build());
        Route byModel = router.route(request("m").allowance(allowance(Set.of(), "?")).build());

        assertThat(byAlias.lanes()).extracting(each -> each.id().value()).containsExactly(FRONTIER);
        assertThat(byModel.lanes()).hasSize(2);
    }

    private static Allowance allowance(Set<Tier> tiers, String... models) {
        return new Allowance("bulk", tiers, List.of(models), List.of());
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

    /** Legion had a second path that bypassed its filter; here every way in leads through one. */
    @ParameterizedTest
    @MethodSource("waysToAModel")
    void lesson30OpensADeniedModelByNoWay(RequestBuilder request, SettingsDraft settings) {
        Lane denied = lane(FRONTIER).aliases("small").build();
        Lane other = lane("local:vllm:gpu:inference:other").build();
        Router router = new Router(List.of(denied, other), settings.denied("m").build());
        Router open = new Router(List.of(denied, other), settings.denied().build());

        assertThat(router.route(request.build()).lanes()).doesNotContain(denied);
        assertThat(open.route(request.build()).lanes()).as("else it leads there").contains(denied);
    }

    static Stream<Arguments> waysToAModel() {
        return Stream.of(
                Arguments.of(request("m"), settings()),
                Arguments.of(request("small"), settings()),
                Arguments.of(request("auto"), settings()),
                Arguments.of(request().explicitModel("m"), settings()),
                Arguments.of(request("other").fallbacks("m"), settings()),
                Arguments.of(request("other"), settings().fallbackModels("m")),
                Arguments.of(request(), settings().defaultModel("m")),
                Arguments.of(request("absent").provider("openai"), settings()),
                Arguments.of(request("absent"), settings().unknownModel(UnknownModel.AUTO)),
                Arguments.of(request().policy(chain("openai", "m")), settings()),
                Arguments.of(request().policy(chain("openai", "small")), settings()));
    }

    private static RoutingPolicy chain(String provider, String model) {
        return new RoutingPolicy(
                "p",
                List.of(RoutingPolicy.Link.of(provider, model, null, null, null)),
                FailoverRules.DEFAULT,
                RoutingPolicy.Latency.NONE,
                Caps.NONE,
                RoutingPolicy.DEFAULT_EVENT);
    }

    /** Legion's first attempt was seeded past the filters, however well the rest were kept. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("exclusions")
    void lesson36FiltersTheFirstAttemptLikeEveryOther(
            Filter filter, LaneDraft lane, RequestBuilder request) {
        Lane favoured = (filter == Filter.WEIGHT ? lane : lane.weight(1_000_000)).build();
        Router router = new Router(List.of(favoured), settings().defaultModel("m").build());

        Route route =
                router.route(
                        request.hint(favoured.id().tier())
                                .prefer(new Preference(favoured.id().provider(), null, null))
                                .build());

        assertThat(route.lanes()).isEmpty();
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

    /** Legion looks at the provider's lists before the global ones; here each may close. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            textBlock =
                    """
                    # provider allows | provider denies | all allow | all deny | open
                    -                 | -               | -         | -        | true
                    -                 | 5-M             | -         | -        | false
                    gpt-5             | -               | -         | -        | true
                    o3                | -               | -         | -        | false
                    gpt-5             | mini            | -         | -        | false
                    gpt-5             | -               | -         | mini     | false
                    gpt-5             | -               | o3        | -        | false
                    -                 | -               | gpt       | -        | true
                    """)
    void aProvidersListsCloseBesideThoseOfAll(
            @Nullable String allowed,
            @Nullable String denied,
            @Nullable String allAllowed,
            @Nullable String allDenied,
            boolean open) {
        Lane lane =
                lane("frontier:openai:main:inference:GPT-5-mini")
                        .lists(new ModelLists(listed(allowed), listed(denied)))
                        .build();
        SettingsDraft settings =
                settings()
                        .allowed(listed(allAllowed).toArray(String[]::new))
                        .denied(listed(allDenied).toArray(String[]::new));

        Route route = new Router(List.of(lane), settings.build()).route(request("auto").build());

        assertThat(route.lanes().isEmpty()).isEqualTo(!open);
        assertThat(route.exclusions())
                .extracting(Exclusion::filter)
                .isEqualTo(open ? List.of() : List.of(Filter.POLICY_DENIED));
    }

    private static List<String> listed(@Nullable String part) {
        return part == null ? List.of() : List.of(part);
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
                .contains(
                        "model m",
                        "context (about 500 tokens in",
                        "excludes 1 lane, the largest window of which is 100 tokens");
    }

    @Test
    void aDeadEndNamesWhatThereIsInstead() {
        Router router =
                new Router(
                        List.of(
                                lane("local:vllm:a:inference:gpt-4.1").build(),
                                lane("frontier:openai:main:inference:gpt-3.5-turbo").build()),
                        settings().build());

        assertThat(deadEnd(router.route(request("gpt-3.5-turbo-0125").build())).message())
                .isEqualTo(
                        "no lane offers model gpt-3.5-turbo-0125 or a fallback of it; there are"
                                + " gpt-3.5-turbo, gpt-4.1");
        assertThat(deadEnd(router.route(request("auto").provider("opnai").build())).message())
                .contains("provider (opnai) excludes 2 lanes of openai, vllm");
        assertThat(deadEnd(router.route(request("auto").instance("x").build())).message())
                .contains("instance (x) excludes 2 lanes of openai:main, vllm:a");
        assertThat(deadEnd(router.route(request("auto").tier(Tier.CLOUD).build())).message())
                .contains("tier (cloud) excludes 2 lanes of frontier, local");
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
