package dev.gantry.cli.explain;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.SettingsDraft.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.circuit.CircuitAdmin;
import dev.gantry.circuit.state.OperatorAction;
import dev.gantry.cli.UsageException;
import dev.gantry.cli.batch.CommandRun;
import dev.gantry.explain.Explainer;
import dev.gantry.fleet.SchemaName;
import dev.gantry.inference.Caps;
import dev.gantry.inference.CircuitKey;
import dev.gantry.inference.Dialect;
import dev.gantry.inference.FailoverRules;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.metering.Price;
import dev.gantry.metering.PriceList;
import dev.gantry.request.RequestLimits;
import dev.gantry.request.RequestTopics;
import dev.gantry.routing.CatalogueSnapshot;
import dev.gantry.routing.Lane;
import dev.gantry.testbed.OwnSchema;
import dev.gantry.testbed.Ports;
import dev.gantry.testbed.TickingClock;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.postgresql.ds.PGSimpleDataSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What people and programs are told of their batch before they send it. */
class ExplainCommandTest {
    private static final Lane MINI =
            lane("frontier:openai:main:inference:mini")
                    .aliases("small")
                    .weight(150)
                    .maxOutput(1_000)
                    .build();
    private static final Lane QWEN =
            lane("local:vllm:gpu:inference:qwen").aliases("small", "pair").weight(110).build();
    private static final Lane SPARE =
            lane("frontier:openai:main:inference:spare").aliases("pair").weight(150).build();
    private static final Lane CLAUDE =
            lane("cloud:claude:main:inference:sonnet")
                    .aliases("claude", "either")
                    .weight(200)
                    .maxOutput(1_000)
                    .dialect(Dialect.ANTHROPIC)
                    .build();
    private static final Lane OTHER =
            lane("frontier:openai:main:inference:other").aliases("either").build();
    private static final PriceList PRICES =
            PriceList.of(
                    Map.of(
                            MINI.id(),
                            Price.of(new BigDecimal("2"), null, null, new BigDecimal("8"))),
                    "config",
                    "v");
    private static final RoutingPolicy CHEAP_FIRST =
            new RoutingPolicy(
                    "cheap-first",
                    List.of(
                            RoutingPolicy.Link.of("vllm", "qwen", null, null, null),
                            RoutingPolicy.Link.of("openai", "mini", null, null, "rescue")),
                    FailoverRules.DEFAULT,
                    RoutingPolicy.Latency.NONE,
                    Caps.NONE,
                    RoutingPolicy.DEFAULT_EVENT);

    @AutoClose private static final OwnSchema DATABASE = new OwnSchema(3);

    @BeforeAll
    static void migrate() throws Exception {
        DATABASE.migrate();
    }

    @Test
    void aSingleRequestIsExplainedWhole() throws Exception {
        CommandRun run =
                explain(
                        """
                        {"custom_id":"a","body":{"messages":[],"max_tokens":5000},\
                        "gantry":{"routing":{"policy":"cheap-first"}}}
                        """);

        assertThat(run.code()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .contains(
                        "a: chat, no model named, about 1 tokens in, at most 5000 out",
                        "policy cheap-first: at most 2 attempts; goes on after ",
                        "; 1 repeat in place",
                        "order: the chain's",
                        "it would call local:vllm:gpu:inference:qwen")
                .containsPattern("1 +local:vllm:gpu:inference:qwen +closed .* unknown .*vllm:qwen")
                .containsPattern(
                        "2 +frontier:openai:main:inference:mini +closed +1m 0s +0.000002"
                                + " +0.008002 +0.0\\d+ +rescue; max_tokens is lowered to 1000");
    }

    @Test
    void oneLineOfAFileIsExplainedWholeIfAskedFor() throws Exception {
        String file = chat("a", "small") + "\n" + chat("b", "qwen");

        CommandRun run = explain(file, "--line", 3, "--json", "--batch-id", "nightly");
        JsonNode json = JsonMapper.shared().readTree(run.out());

        assertThat(json.at("/line").asInt()).isEqualTo(3);
        assertThat(json.at("/request_id").asString()).isEqualTo("nightly/b");
        assertThat(json.at("/lane").asString()).isEqualTo(QWEN.id().value());
        assertThat(json.at("/excluded/0/because").asString()).isEqualTo("not asked for (qwen)");
        assertThat(explain(file, "--line", 2).err()).contains("no request on line 2");
        assertThat(explain(file, "--line", 4).code()).isEqualTo(2);
    }

    @Test
    void aFileIsSummedUpByLaneModelAndReason() throws Exception {
        String file =
                chat("a", "small")
                        + chat("b", "mini")
                        + chat("c", "nope")
                        + chat("d", "qwen")
                        + chat("e", "nope");

        CommandRun text = explain(file);
        JsonNode json = JsonMapper.shared().readTree(explain(file, "--json").out());

        assertThat(text.code()).isEqualTo(3);
        assertThat(text.out())
                .startsWith("requests: 5 (with a lane: 3, ending without a call: 2)\n")
                .containsPattern(
                        "frontier:openai:main:inference:mini +closed +2 +\\d+ +at most 2,000 +0\\.0")
                .containsPattern(
                        "local:vllm:gpu:inference:qwen +closed +1 +\\d+ +at most 0 \\+ 1 unknown"
                                + " +unknown +unknown")
                .containsPattern("total +3 +")
                .containsPattern("no_lane_available +2 +3, 5 +no lane offers model nope");
        assertThat(json.at("/requests").asInt()).isEqualTo(5);
        assertThat(json.at("/lanes").findValuesAsString("circuit"))
                .containsExactly("closed", "closed");
        assertThat(json.at("/endings/0/first_lines").toString()).isEqualTo("[3,5]");
        assertThat(json.at("/models").findValuesAsString("model")).containsExactly("mini", "qwen");
        BigDecimal low = new BigDecimal(json.at("/lanes/0/cost_usd/low").asString());
        BigDecimal high = new BigDecimal(json.at("/lanes/0/cost_usd/high").asString());
        assertThat(new BigDecimal(json.at("/lanes/0/cost_usd/projected").asString()))
                .isEqualByComparingTo(low.add(new BigDecimal("0.016")))
                .isLessThan(high);
        assertThat(json.at("/cost_unknown").toString())
                .isEqualTo("{\"low\":2,\"projected\":1,\"high\":2}");
    }

    /** As the worker finds out, which sends nothing then and asks the next provider. */
    @Test
    void whatADialectHasNoFormForGoesToTheNextProviderOrEnds() {
        String robot = "[{\"role\":\"robot\",\"content\":\"x\"}]";
        ExplainCommand.Means means = means(circuits(), CLAUDE, OTHER);

        CommandRun alone = CommandRun.explain(means, saying("claude", robot), "-");
        CommandRun either = CommandRun.explain(means, saying("either", robot), "-");
        CommandRun json = CommandRun.explain(means, saying("either", robot), "-", "--json");

        assertThat(alone.code()).isEqualTo(3);
        assertThat(alone.out())
                .contains(
                        "it would end without a call: invalid_request: nothing was sent, as no"
                                + " lane that was tried can be told this:"
                                + " cloud:claude:main:inference:sonnet: bad_request (dialect"
                                + " anthropic: messages[0].role: ");
        assertThat(either.code()).isZero();
        assertThat(either.out())
                .contains("it would call frontier:openai:main:inference:other")
                .containsPattern("1 +cloud:claude:.* nothing is sent: dialect anthropic: messages");
        assertThat(
                        JsonMapper.shared()
                                .readTree(json.out())
                                .at("/lanes/0/untranslatable")
                                .asString())
                .contains("messages[0].role");
    }

    @Test
    void linesThatEndForOtherReasonsStandInRowsOfTheirOwn() {
        String user = "{\"role\":\"user\",\"content\":\"%s\"}";
        String said = "[" + user.formatted("x") + "]";
        String file =
                saying("claude", said + ",\"seed\":4")
                        + saying("claude", said + ",\"logprobs\":true")
                        + saying("claude", said + ",\"seed\":5")
                        + saying("claude", "[" + user.formatted("") + "]")
                        + saying(
                                "claude",
                                "[" + user.formatted("x,") + "," + user.formatted("") + "]");

        CommandRun run = CommandRun.explain(means(circuits(), CLAUDE, OTHER), file, "-", "--json");
        JsonNode endings = JsonMapper.shared().readTree(run.out()).at("/endings");

        assertThat(endings.findValuesAsString("message"))
                .satisfiesExactly(
                        first -> assertThat(first).contains("lacks seed"),
                        second -> assertThat(second).contains("lacks logprobs"),
                        third -> assertThat(third).contains("messages[0].content"));
        assertThat(endings.valueStream().map(each -> each.at("/first_lines").toString()))
                .containsExactly("[1,3]", "[2]", "[4,5]");
    }

    @Test
    void whatIsListedAtRunTimeIsNotClaimedToBeUnknownToTheWorkers() {
        ExplainCommand.Means means = discovering("near", MINI, QWEN);

        CommandRun unlisted = CommandRun.explain(means, chat("a", "nope"), "-");
        CommandRun elsewhere = CommandRun.explain(means, chat("a", "mini"), "-");
        CommandRun none = CommandRun.explain(discovering("near"), chat("a", "mini"), "-");
        CommandRun listed = CommandRun.explain(discovering("vllm", QWEN), chat("a", "qwen"), "-");

        assertThat(unlisted.code()).isEqualTo(3);
        assertThat(unlisted.out())
                .contains("unless it is listed at run time by near, no lane offers model nope");
        assertThat(unlisted.err()).contains("explain: what near may list at run time");
        assertThat(elsewhere.err()).isEmpty();
        assertThat(listed.err()).contains("explain: what vllm may list at run time");
        assertThat(none.code()).isEqualTo(2);
        assertThat(none.err())
                .contains("all lanes are discovered at run time, from near")
                .doesNotContain("application.yml");
    }

    /** A slip that every line has in its own figures is one reason; without end there are none. */
    @Test
    void asManyReasonsAsAFileHasLinesAreNotToldApart() throws Exception {
        String file =
                IntStream.range(0, 300)
                        .mapToObj(each -> chat("r-" + each, "nope-" + each))
                        .collect(Collectors.joining());

        JsonNode json = JsonMapper.shared().readTree(explain(file, "--json").out());

        assertThat(json.at("/endings").size()).isEqualTo(101);
        assertThat(json.at("/endings/100/requests").asInt()).isEqualTo(200);
        assertThat(json.at("/ended").asInt()).isEqualTo(300);
    }

    @Test
    void badLinesAreNamedAndTheRestIsExplained() throws Exception {
        String file =
                "{\"custom_id\":\"a\"\n"
                        + chat("b", "mini")
                        + "{\"custom_id\":\"c\",\"body\":{\"model\":3}}\n"
                        + chat("d", "mini").replace("}}", "},\"gantry\":{\"batch_id\":\"other\"}}");

        CommandRun run = explain(file, "--batch-id", "mine");

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err())
                .contains(
                        "standard input, line 1: is not JSON",
                        "standard input, line 3: body.model",
                        "standard input, line 4: has gantry.batch_id \"other\"");
        assertThat(run.out())
                .startsWith(
                        "requests: 1 (with a lane: 1, ending without a call: 0);"
                                + " lines that no worker takes: 3");
    }

    @Test
    void eachRequestIsALineOfJsonIfAskedFor() throws Exception {
        CommandRun run = explain(chat("a", "mini") + "nonsense\n" + chat("b", "nope"), "--each");
        List<JsonNode> lines = run.out().lines().map(JsonMapper.shared()::readTree).toList();

        assertThat(lines).extracting(each -> each.at("/line").asInt()).containsExactly(1, 2, 3);
        assertThat(lines)
                .extracting(each -> each.at("/outcome").asString())
                .containsExactly("calls", "invalid", "ends");
        assertThat(run.err()).contains("requests: 2 (with a lane: 1");
    }

    @Test
    void aLaneThatAnOperatorClosedIsPassedOver() throws Exception {
        CircuitKey spareCircuit = CircuitKey.ofLane(SPARE.id());
        circuits()
                .operate(
                        OperatorAction.parse(spareCircuit.value(), "deny", null, "", "jo"),
                        List.of());

        CommandRun pair = explain(chat("a", "pair"));
        CommandRun spare = explain(chat("a", "spare"));

        assertThat(pair.out())
                .contains("it would call local:vllm:gpu:inference:qwen")
                .containsPattern("1 +frontier:openai:main:inference:spare +denied");
        assertThat(spare.out()).contains("it would wait for frontier:openai:main:inference:spare");
    }

    @Test
    void withoutADatabaseEveryLaneCountsAsTakingCalls() throws IOException {
        PGSimpleDataSource nowhere = new PGSimpleDataSource();
        nowhere.setPortNumbers(new int[] {Ports.free()});

        CommandRun run =
                CommandRun.explain(
                        means(new CircuitAdmin(nowhere, new SchemaName("gantry")), MINI, QWEN),
                        chat("a", "small"),
                        "-");

        assertThat(run.code()).isZero();
        assertThat(run.err()).contains("explain: circuits are not known: ").doesNotContain("\tat");
        assertThat(run.out())
                .contains("it would call frontier:openai:main:inference:mini")
                .containsPattern("inference:mini +unknown");
    }

    @Test
    void lanesWithoutAKeyAreRemarkedUpon() throws Exception {
        Lane keyless = lane("frontier:openai:main:inference:mini").withoutCredentials().build();

        CommandRun run =
                CommandRun.explain(means(circuits(), keyless, QWEN), chat("a", "mini"), "-");
        CommandRun other =
                CommandRun.explain(means(circuits(), keyless, QWEN), chat("a", "qwen"), "-");
        CommandRun none = CommandRun.explain(means(circuits()), chat("a", "mini"), "-");

        assertThat(run.code()).isEqualTo(3);
        assertThat(run.err()).contains("lanes without a key here: 1 of 2", "--assume-keys");
        assertThat(run.out()).contains("no_lane_available", "(the instance has no key)");
        assertThat(other.err()).isEmpty();
        assertThat(none.code()).isEqualTo(2);
        assertThat(none.err()).contains("no lane is configured");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "'', FILE is missing",
        "a b, expected one FILE",
        "a --line 0, allowed is a number from 1",
        "a --each --json, --each goes with neither",
        "a --batch-id ?, --batch-id \"?\" is not allowed",
    })
    void argumentsThatCannotBeObeyedAreNamed(String arguments, String message) {
        List<String> args = arguments.isEmpty() ? List.of() : List.of(arguments.split(" ", -1));

        assertThatThrownBy(() -> ExplainCommand.parse(args))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(message);
    }

    private CommandRun explain(String input, Object... options) {
        Object[] args = new Object[options.length + 1];
        args[0] = "-";
        System.arraycopy(options, 0, args, 1, options.length);
        return CommandRun.explain(means(circuits(), MINI, QWEN, SPARE), input, args);
    }

    private CircuitAdmin circuits() {
        return new CircuitAdmin(DATABASE.pool(), DATABASE.name());
    }

    private static ExplainCommand.Means means(CircuitAdmin circuits, Lane... lanes) {
        return means(circuits, List.of(), lanes);
    }

    private ExplainCommand.Means discovering(String provider, Lane... lanes) {
        return means(circuits(), List.of(provider), lanes);
    }

    private static ExplainCommand.Means means(
            CircuitAdmin circuits, List<String> discovering, Lane... lanes) {
        return new ExplainCommand.Means(
                CatalogueSnapshot.of(
                        List.of(lanes),
                        settings().build(),
                        Map.of("cheap-first", CHEAP_FIRST),
                        PRICES,
                        "v1"),
                discovering,
                new Explainer.Source(
                        new RequestLimits(1 << 20, Duration.ofHours(1)),
                        RequestTopics.plain("requests"),
                        "requests"),
                circuits,
                new TickingClock());
    }

    private static String saying(String model, String messages) {
        return chat("a", model).replace("[]", messages);
    }

    private static String chat(String id, String model) {
        return "{\"custom_id\":\"%s\",\"body\":{\"model\":\"%s\",\"messages\":[]}}\n"
                .formatted(id, model);
    }
}
