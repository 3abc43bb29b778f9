package dev.gantry.explain;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;

import static java.util.Objects.requireNonNull;

import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.circuit.state.LaneAvailability.Benched;
import dev.gantry.inference.Capability;
import dev.gantry.inference.Caps;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FailoverRules;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.inference.WhenBenched;
import dev.gantry.metering.Price;
import dev.gantry.metering.PriceList;
import dev.gantry.request.RequestLimits;
import dev.gantry.request.RequestTopics;
import dev.gantry.routing.Catalogue;
import dev.gantry.routing.CatalogueSnapshot;
import dev.gantry.routing.ExcludedLane;
import dev.gantry.routing.Lane;
import dev.gantry.routing.RoutingSettings;
import dev.gantry.routing.SettingsDraft;
import dev.gantry.testbed.TickingClock;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import tools.jackson.databind.node.ObjectNode;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The dry run decides by the parts that workers decide with. */
class ExplainerTest {
    private static final Lane MINI =
            lane("frontier:openai:main:inference:mini")
                    .aliases("small")
                    .weight(150)
                    .maxOutput(1_000)
                    .unsupported("temperature")
                    .build();
    private static final Lane QWEN =
            lane("local:vllm:gpu:inference:qwen")
                    .aliases("small")
                    .weight(110)
                    .window(2_000)
                    .capabilities(Capability.TOOLS)
                    .build();
    private static final Lane KEYLESS =
            lane("cloud:acme:a:inference:mini").withoutCredentials().build();
    private static final Lane LARGE = lane("frontier:openai:main:inference:large").build();
    private static final Lane VECTORS = lane("frontier:openai:main:embedding:vectors").build();
    private static final List<Lane> ALL = List.of(MINI, QWEN, KEYLESS, LARGE, VECTORS);

    /** 2 and 8 USD per million tokens, the cached not told apart; the local lane is free. */
    private static final PriceList PRICES =
            PriceList.of(Map.of(MINI.id(), price("2", "8"), QWEN.id(), price("0", "0")), "c", "v");

    private static final RoutingPolicy CHEAP_FIRST =
            new RoutingPolicy(
                    "cheap-first",
                    List.of(
                            RoutingPolicy.Link.of("vllm", "qwen", null, null, null),
                            RoutingPolicy.Link.of(
                                    "openai", "mini", "main", Duration.ofSeconds(20), "rescue")),
                    FailoverRules.merged(List.of(500), null, null, null, null, 3),
                    RoutingPolicy.Latency.NONE,
                    Caps.NONE,
                    RoutingPolicy.DEFAULT_EVENT);

    private final TickingClock clock = new TickingClock();
    private final Map<LaneId, LaneAvailability> circuits = new HashMap<>();
    private SettingsDraft settings = settings();

    @Test
    void namesTheRouteAndOfEveryOtherLaneTheRule() {
        Explanation explanation =
                explain(
                        "\"model\": \"small\", \"messages\": [{\"role\":\"user\",\"content\":\"x\"}]");

        assertThat(explanation.lanes())
                .extracting(Explanation.OpenLane::id)
                .containsExactly(MINI.id(), QWEN.id());
        assertThat(explanation.taken()).isEqualTo(explanation.lanes().getFirst());
        assertThat(ExplanationJson.of(explanation).at("/order").toString())
                .isEqualTo("{\"by\":\"weight\",\"rule\":\"weight\",\"fallback\":false}");
        assertThat(rules(explanation))
                .containsExactlyInAnyOrderEntriesOf(
                        Map.of(
                                KEYLESS.id(), "model: not asked for (small)",
                                LARGE.id(), "model: not asked for (small)",
                                VECTORS.id(),
                                        "type: type (the request wants inference, the lane is embedding)"));
    }

    @Test
    void namesTheFilterWithWhatTheRequestAsksOfIt() {
        Explanation mini = explain("\"model\": \"mini\", \"messages\": []");
        Explanation small =
                explain(
                        "\"model\": \"small\", \"max_tokens\": 5000, \"messages\": [],"
                                + " \"stream\": true");

        assertThat(rules(mini))
                .containsEntry(
                        KEYLESS.id(),
                        "missing_credentials: missing_credentials (the instance has no key)");
        assertThat(rules(small)).containsEntry(QWEN.id(), "capabilities: capabilities (streaming)");
    }

    @Test
    void projectsWhatACallMayCostOnEachLane() {
        Explanation explanation =
                explain("\"model\": \"small\", \"n\": 2, \"max_tokens\": 500, \"messages\": []");
        long input = explanation.request().body().facts().estimatedInputTokens();
        CostRange mini = explanation.lanes().getFirst().cost();

        assertThat(mini.low()).isEqualByComparingTo(usd(2 * input));
        assertThat(mini.projected()).isEqualByComparingTo(usd(2 * input + 8 * 1000));
        assertThat(mini.high()).isGreaterThan(mini.projected());
        assertThat(explanation.lanes().getLast().cost().high()).isZero();
        CostRange whole = requireNonNull(explanation.cost());
        assertThat(whole.low()).isZero();
        assertThat(whole.projected()).isEqualTo(mini.projected());
        assertThat(whole.high()).isEqualTo(mini.high());
    }

    @Test
    void whatIsNotPricedIsUnknownNotFree() {
        CostRange cost = explain("\"model\": \"large\", \"messages\": []").cost();

        assertThat(cost).isEqualTo(new CostRange(null, null, null));
    }

    @Test
    void aPolicysRulesAreShownMerged() {
        ObjectNode json = ExplanationJson.of(explainLine(withPolicy("\"cheap-first\"")));

        assertThat(json.at("/order").toString())
                .isEqualTo("{\"by\":\"chain\",\"rule\":\"chain\",\"fallback\":false}");
        assertThat(json.at("/rules/policy/name").asString()).isEqualTo("cheap-first");
        assertThat(json.at("/rules/policy/chain").findValuesAsString("label"))
                .containsExactly("vllm:qwen", "rescue");
        assertThat(json.at("/rules/policy/failover").toString())
                .isEqualTo(
                        "{\"on_status\":[500],\"on_error_kinds\":[\"billing\",\"rate_limit\","
                                + "\"timeout\",\"overloaded\",\"server\",\"network\"],"
                                + "\"on_timeout_ms\":null,\"max_attempts\":2,"
                                + "\"advance_on_permanent\":false,\"retries\":3}");
        assertThat(json.at("/lanes").findValuesAsString("label"))
                .containsExactly("vllm:qwen", "rescue");
        assertThat(json.at("/lanes/1/timeout_ms").asInt()).isEqualTo(20_000);
        assertThat(json.at("/excluded").findValuesAsString("because"))
                .contains("no link of policy cheap-first");
    }

    @Test
    void withoutAPolicyTheKindsThatGoOnAreTheStandardOnes() {
        ObjectNode json = ExplanationJson.of(explain("\"model\": \"small\", \"messages\": []"));

        assertThat(json.at("/rules/goes_on_after").toString())
                .contains("\"unknown\"", "\"context_overflow\"")
                .doesNotContain("bad_request", "content_policy");
        assertThat(json.at("/rules/policy").isMissingNode()).isTrue();
        assertThat(json.at("/rules/max_attempts").asInt()).isEqualTo(3);
    }

    @Test
    void showsHowTheBodyWouldBeChanged() {
        ObjectNode json =
                ExplanationJson.of(
                        explain(
                                "\"model\": \"mini\", \"temperature\": 1, \"max_tokens\": 9000,"
                                        + " \"messages\": []"));

        assertThat(json.at("/lanes/0/adapted").toString())
                .isEqualTo(
                        "[{\"member\":\"temperature\",\"change\":\"dropped\"},"
                                + "{\"member\":\"max_tokens\",\"change\":\"clamped\",\"limit\":1000}]");
        assertThat(json.at("/lanes/0/output_tokens_at_most").asInt()).isEqualTo(1_000);
    }

    @Test
    void aBenchedLaneIsPassedOver() {
        Instant until = TickingClock.START.plusSeconds(60);
        circuits.put(MINI.id(), new Benched(until, ErrorKind.SERVER, "its own words"));
        circuits.put(QWEN.id(), new LaneAvailability.Admitted(1));

        Explanation explanation = explain("\"model\": \"small\", \"messages\": []");
        ObjectNode json = ExplanationJson.of(explanation);

        assertThat(json.at("/lane").asString()).isEqualTo(QWEN.id().value());
        assertThat(json.at("/outcome").asString()).isEqualTo("calls");
        assertThat(json.at("/lanes").findValuesAsString("circuit"))
                .containsExactly("open", "closed");
        assertThat(json.at("/lanes/0/until").asString()).isEqualTo(until.toString());
        assertThat(json.toString()).doesNotContain("its own words");
    }

    @Test
    void whereEveryLaneIsBenchedItWaitsOrEndsAsConfigured() {
        circuits.put(MINI.id(), new Benched(null, null, ""));

        Explanation waiting = explain("\"model\": \"mini\", \"messages\": []");
        settings = settings().whenBenched(WhenBenched.FAIL);
        Explanation failing = explain("\"model\": \"mini\", \"messages\": []");

        assertThat(waiting.waits()).isTrue();
        assertThat(waiting.taken()).isEqualTo(waiting.lanes().getFirst());
        assertThat(failing.waits()).isFalse();
        assertThat(requireNonNull(failing.end()).code()).isEqualTo(FailureCode.ALL_LANES_BENCHED);
        assertThat(failing.taken()).isNull();
    }

    /** The free lane is benched for a minute, and a call takes a minute where nothing is known. */
    @Test
    void byTheDeadlineTheCheapestLaneIsWaitedForWhileThereIsTime() {
        settings = settings().order(RoutingSettings.Order.DEADLINE);
        circuits.put(
                QWEN.id(), new Benched(TickingClock.START.plusSeconds(60), ErrorKind.SERVER, ""));
        String hurried =
                "{\"custom_id\":\"r\",\"body\":{\"model\":\"small\",\"messages\":[]},"
                        + "\"gantry\":{\"deadline\":\"2026-11-20T12:01:30Z\"}}";

        Explanation idle = explain("\"model\": \"small\", \"messages\": []");
        Explanation pressed = explainLine(hurried);
        assertThat(idle.waits()).isTrue();
        assertThat(requireNonNull(idle.taken()).id()).isEqualTo(QWEN.id());
        assertThat(pressed.waits()).isFalse();
        assertThat(requireNonNull(pressed.taken()).id()).isEqualTo(MINI.id());
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "warn, mini",
        "skip, qwen",
        "abort, ends",
    })
    void aCapThatACallWouldPassDoesWhatItAsksFor(String onExceed, String taken) {
        Explanation explanation =
                explainLine(
                        "{\"custom_id\":\"r\",\"body\":{\"model\":\"small\",\"max_tokens\":500,\"messages\":[]},"
                                + "\"gantry\":{\"budget\":{\"per_call_usd\":\"0.001\",\"on_exceed\":\"%s\"}}}"
                                        .formatted(onExceed));
        ObjectNode json = ExplanationJson.of(explanation);

        assertThat(json.at("/lanes/0/cap/on_exceed").asString()).isEqualTo(onExceed);
        assertThat(json.at("/rules/caps/0/kind").asString()).isEqualTo("per_call_usd");
        assertThat(json.at("/lane").asString("ends")).endsWith(taken);
        assertThat(json.at("/error/code").asString(""))
                .isEqualTo(taken.equals("ends") ? "budget_exceeded" : "");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            textBlock =
                    """
                    "body":{"model":"nope","messages":[]}                                                        | no_lane_available | model nope
                    "body":{"model":"qwen","max_tokens":3000,"messages":[]}                                      | context_overflow  | context (about
                    "body":{"model":"mini","messages":[]},"gantry":{"classification":{"contains_pii":true}}      | no_lane_available | forced_tier
                    "body":{"model":"mini","messages":[]},"gantry":{"deadline":"2000-01-01T00:00:00Z"}           | batch_expired     | deadline
                    """)
    void saysHowARequestWouldEndWithoutACall(String members, String code, String message) {
        Explanation explanation = explainLine("{\"custom_id\":\"1\"," + members + "}");

        Explanation.End end = requireNonNull(explanation.end());
        assertThat(end.code().label()).isEqualTo(code);
        assertThat(end.message()).contains(message);
        assertThat(explanation.cost()).isNull();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            textBlock =
                    """
                    {"custom_id":"1"}                                            | body: missing
                    {"custom_id":"1","body":{"model":3}}                         | body.model
                    {"custom_id":"1","body":{},"gantry":{"routing":{"policy":"x"}}} | unknown policy x; allowed is one of cheap-first
                    nonsense                                                     | JSON
                    """)
    void aLineThatNoWorkerTakesIsNamed(String line, String reason) {
        Finding finding = explainer().explain(line.getBytes(StandardCharsets.UTF_8), null);

        assertThat(finding).isInstanceOf(Finding.Unusable.class);
        assertThat(((Finding.Unusable) finding).reason()).contains(reason);
    }

    /** Ties between lanes are broken by the request's whole name. */
    @Test
    void theBatchIsPartOfTheRequestsName() {
        byte[] line =
                "{\"custom_id\":\"1\",\"body\":{\"model\":\"mini\"}}"
                        .getBytes(StandardCharsets.UTF_8);

        Explanation explanation = (Explanation) explainer().explain(line, "nightly");

        assertThat(explanation.request().id().value()).isEqualTo("nightly/1");
    }

    @Test
    void neitherPromptNorAddressIsShown() {
        String text =
                ExplanationJson.of(
                                explain(
                                        "\"model\": \"small\", \"messages\":"
                                                + " [{\"role\":\"user\",\"content\":\"my secret\"}]"))
                        .toString();

        assertThat(text).doesNotContain("secret", "generic", "first");
    }

    private Explanation explain(String members) {
        return explainLine("{\"custom_id\": \"r\", \"body\": {" + members + "}}");
    }

    private Explanation explainLine(String line) {
        Finding finding = explainer().explain(line.getBytes(StandardCharsets.UTF_8), null);
        assertThat(finding).isInstanceOf(Explanation.class);
        return (Explanation) finding;
    }

    private Explainer explainer() {
        CatalogueSnapshot catalogue =
                CatalogueSnapshot.of(
                        ALL, settings.build(), Map.of("cheap-first", CHEAP_FIRST), PRICES, "v1");
        return new Explainer(
                new Catalogue(catalogue),
                circuits::get,
                List.of(),
                new Explainer.Source(
                        new RequestLimits(1 << 20, Duration.ofHours(1)),
                        RequestTopics.plain("requests"),
                        "requests"),
                clock);
    }

    private static String withPolicy(String policy) {
        return "{\"custom_id\":\"r\",\"body\":{\"messages\":[]},\"gantry\":{\"routing\":{\"policy\":%s}}}"
                .formatted(policy);
    }

    private static Map<LaneId, String> rules(Explanation explanation) {
        Map<LaneId, String> rules = new HashMap<>();
        for (ExcludedLane each : explanation.excluded()) {
            rules.put(each.lane().id(), each.rule() + ": " + each.because());
        }
        return rules;
    }

    private static Price price(String input, String output) {
        return Price.of(new BigDecimal(input), null, null, new BigDecimal(output));
    }

    private static BigDecimal usd(long millionths) {
        return BigDecimal.valueOf(millionths, 6);
    }
}
