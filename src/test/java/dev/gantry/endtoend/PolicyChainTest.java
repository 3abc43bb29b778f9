package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import static java.util.Objects.requireNonNull;

import dev.gantry.launch.Commands;
import dev.gantry.simulator.BilledTokens;
import dev.gantry.simulator.Call;
import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.AnswerShape;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.ConnectionEnd;
import dev.gantry.simulator.script.Fault;
import dev.gantry.simulator.script.Latency;
import dev.gantry.simulator.script.Refusal;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.MeterReadings;
import dev.gantry.testbed.TopicReader;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** One worker, faulty and good providers, and chains that lead from one to the other. */
class PolicyChainTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final AnswerShape THINKING = new AnswerShape(0, 0.5, 0.25, "");

    private static SimulatedProvider faulty;
    private static SimulatedProvider good;
    private static Fleet fleet;
    private static ConfigurableApplicationContext worker;
    private static Published published;

    @BeforeAll
    static void start() throws Exception {
        Script script = Script.of(Behaviour.FAULTLESS);
        for (Refusal each : Refusal.values()) {
            script = script.model(name(each), Behaviour.always(Fault.refuse(each)));
        }
        faulty =
                SimulatedProvider.start(
                        script.model("hangs", Behaviour.always(new Fault.Hang(false)))
                                .model(
                                        "slow",
                                        Behaviour.taking(new Latency.Fixed(Duration.ofMinutes(2))))
                                .model("again", Behaviour.always(Fault.refuse(Refusal.SERVER)))
                                .model(
                                        "cut",
                                        Behaviour.always(
                                                new Fault.CutDuring(ConnectionEnd.CLOSE))));
        good = SimulatedProvider.start(Script.of(Behaviour.FAULTLESS.with(THINKING)));
        fleet =
                Fleet.create()
                        .provider(
                                "one",
                                "frontier",
                                faulty.baseUrl(),
                                name(Refusal.SERVER),
                                name(Refusal.BAD_REQUEST),
                                name(Refusal.CONTENT_POLICY),
                                "hangs",
                                "slow",
                                "again")
                        .provider("keyless", "frontier", faulty.baseUrl(), name(Refusal.AUTH))
                        .provider("expired", "frontier", faulty.baseUrl(), name(Refusal.AUTH))
                        .provider("two", "cloud", good.baseUrl(), "shared")
                        .provider(
                                "claude",
                                "frontier",
                                faulty.baseUrl(),
                                name(Refusal.ERROR_IN_200),
                                "cut")
                        .with("gantry.providers.claude.dialect", "anthropic")
                        .with("gantry.providers.claude.models[0].capabilities", "streaming")
                        .with("gantry.providers.claude.models[1].capabilities", "streaming")
                        .provider("google", "cloud", good.address().resolve("/v1beta"), "told")
                        .with("gantry.providers.google.dialect", "gemini")
                        .with("gantry.providers.google.models[0].capabilities", "streaming")
                        .provider("house", "local", faulty.baseUrl(), name(Refusal.OVERLOADED))
                        .with("gantry.policies.by-status.chain[0]", "one:server")
                        .with("gantry.policies.by-status.chain[1].provider", "two")
                        .with("gantry.policies.by-status.chain[1].model", "shared")
                        .with("gantry.policies.by-status.chain[1].label", "rescue")
                        .with("gantry.policies.by-status.failover.on-status", "500")
                        .with("gantry.policies.by-status.failover.on-error-kinds", "")
                        .with("gantry.policies.by-status.failover.retries", "0")
                        .with("gantry.policies.by-status.observe.emit-event", "acme.routing");
        worker = Commands.startWorker(List.of(fleet.arguments()));
        published = new Published(fleet);
    }

    @AfterAll
    static void stop() throws Exception {
        published.close();
        worker.close();
        fleet.close();
        faulty.close();
        good.close();
    }

    private static String name(Refusal refusal) {
        return refusal.name().toLowerCase(Locale.ROOT);
    }

    @Test
    void aChainOfTheConfigurationAdvancesByStatus() throws Exception {
        JsonNode result = send("by-status", "'by-status'", "");

        assertThat(lanes(result))
                .containsExactly(
                        "frontier:one:main:inference:server", "cloud:two:main:inference:shared");
        assertThat(result.at("/gantry/outcome").asString()).isEqualTo("succeeded");
        assertThat(result.at("/gantry/policy").asString()).isEqualTo("by-status");
        assertThat(result.at("/gantry/attempts").findValuesAsString("label"))
                .containsExactly("one:server", "rescue");
        try (TopicReader routing = fleet.read("routing");
                TopicReader metering = fleet.read("metering")) {
            JsonNode decision = value(routing, "by-status", "decision", "acme.routing");
            JsonNode attempt = value(routing, "by-status", "attempt", "acme.routing");
            assertThat(decision.at("/policy").asString()).isEqualTo("by-status");
            assertThat(decision.at("/max_attempts").asInt()).isEqualTo(2);
            assertThat(decision.at("/chain/1/label").asString()).isEqualTo("rescue");
            assertThat(decision.at("/reason").asString())
                    .isEqualTo("the chain of policy by-status");
            assertThat(decision.at("/strategy").asString()).isEqualTo("chain");
            assertThat(decision.at("/candidates").findValuesAsString("fate"))
                    .containsExactly("failed:server", "selected");
            assertThat(decision.at("/chosen").asString())
                    .isEqualTo("frontier:one:main:inference:server");
            assertThat(decision.at("/selected").asString())
                    .isEqualTo("cloud:two:main:inference:shared");
            assertThat(attempt.at("/link_label").asString()).isEqualTo("one:server");
            JsonNode meter = value(metering, "by-status", "metered", null);
            assertThat(meter.at("/routing/policy").asString()).isEqualTo("by-status");
        }
    }

    @Test
    void aChainOfTheRequestsOwnAdvancesByKind() throws Exception {
        String policy =
                "{'chain': ['%s:auth', 'two:shared'], 'failover': {'on_error_kinds': ['%s']}}";

        JsonNode listed = send("by-kind", policy.formatted("keyless", "auth"), "");
        JsonNode unlisted = send("by-no-kind", policy.formatted("expired", "server"), "");

        assertThat(listed.at("/gantry/outcome").asString()).isEqualTo("succeeded");
        assertThat(listed.at("/gantry/policy").asString()).isEqualTo("inline");
        assertThat(listed.at("/gantry/lane").asString())
                .isEqualTo("cloud:two:main:inference:shared");
        assertThat(unlisted.at("/gantry/outcome").asString()).isEqualTo("failed");
        assertThat(unlisted.at("/response/status_code").asInt()).isEqualTo(401);
        assertThat(lanes(unlisted)).hasSize(1);
    }

    @Test
    void aChainAdvancesOnceALinksTimeIsOver() throws Exception {
        JsonNode result =
                send(
                        "by-timeout",
                        "{'chain': [{'provider': 'one', 'model': 'hangs', 'timeout_ms': 300},"
                                + " 'two:shared'], 'failover': {'retries': 0}}",
                        "");

        assertThat(result.at("/gantry/attempts/0/error/kind").asString()).isEqualTo("timeout");
        assertThat(result.at("/gantry/attempts/0/duration_ms").asLong()).isBetween(290L, 20_000L);
        assertThat(result.at("/gantry/selected").asInt()).isEqualTo(2);
    }

    /** The provider's ledger says what became of the loser, and what it may have cost. */
    @Test
    void theLosersConnectionIsClosedAndTheMeterBoundsWhatTheProviderBills() throws Exception {
        JsonNode result =
                sendUntil(
                        "raced",
                        "{'chain': ['one:slow', 'two:shared'], 'latency': {'race_after_ms': 50},"
                                + " 'observe': {'emit_event': 'acme.race'}}",
                        () -> "",
                        "the loser was sent before the winner had answered",
                        each ->
                                meter(each.at("/gantry/attempts/0/attempt_id").asString())
                                        .at("/provider_submitted")
                                        .asBoolean());
        String raced = result.at("/custom_id").asString();

        JsonNode attempts = result.at("/gantry/attempts");
        assertThat(attempts.findValuesAsString("status")).containsExactly("race_lost", "succeeded");
        assertThat(result.at("/gantry/selected").asInt()).isEqualTo(2);
        assertThat(result.at("/gantry/cost_state").asString()).isEqualTo("unknown");
        String loser = attempts.at("/0/attempt_id").asString();
        String winner = attempts.at("/1/attempt_id").asString();
        Await.until("the loser's call is over", () -> !faulty.ledger().calls(loser).isEmpty());
        Call lost = faulty.ledger().calls(loser).getFirst();
        Call won = good.ledger().calls(winner).getFirst();
        assertThat(lost.disposition()).isEqualTo(Call.Disposition.CLIENT_GONE);
        try (TopicReader routing = fleet.read("routing")) {
            JsonNode lostMeter = meter(loser);
            JsonNode wonMeter = meter(winner);
            assertThat(lostMeter.at("/outcome").asString()).isEqualTo("race_lost");
            assertThat(lostMeter.at("/cost/upper_bound").decimalValue(BigDecimal.ZERO))
                    .isGreaterThanOrEqualTo(BigDecimal.ZERO);
            assertThat(wonMeter.at("/attempt_kind").asString()).isEqualTo("hedge");
            assertThat(wonMeter.at("/usage/output_tokens").asLong())
                    .isEqualTo(won.tokens().output());
            for (String event : List.of("race_started", "race_won", "race_lost")) {
                JsonNode told = value(routing, raced, event, "acme.race");
                assertThat(told.at("/primary_attempt_id").asString()).isEqualTo(loser);
                assertThat(told.at("/backup_attempt_id").asString()).isEqualTo(winner);
            }
            JsonNode ended = value(routing, raced, "race_lost", "acme.race");
            assertThat(ended.at("/reason").asString()).isEqualTo("backup_finished_first");
            assertThat(ended.at("/winner_attempt_id").asString()).isEqualTo(winner);
            assertThat(ended.at("/loser_attempt_id").asString()).isEqualTo(loser);
            assertThat(
                            value(routing, raced, "decision", "acme.race")
                                    .at("/candidates")
                                    .findValuesAsString("fate"))
                    .containsExactly("race_lost", "selected");
        }
    }

    /** The meter says what the provider's ledger does, of a stream too. */
    @Test
    void aStreamGoesOnInAnotherDialectUntilSomethingIsSaid() throws Exception {
        JsonNode result = stream("told", "['claude:error_in_200', 'google:told']");

        assertThat(lanes(result))
                .containsExactly(
                        "frontier:claude:main:inference:error_in_200",
                        "cloud:google:main:inference:told");
        assertThat(result.at("/gantry/attempts/0/error/kind").asString()).isEqualTo("overloaded");
        assertThat(result.at("/gantry/outcome").asString()).isEqualTo("succeeded");
        String attempt = result.at("/gantry/attempts/1/attempt_id").asString();
        List<JsonNode> chunks = chunks("told", attempt);
        StringBuilder text = new StringBuilder();
        chunks.forEach(each -> text.append(each.at("/choices/0/delta/content").asString("")));
        JsonNode body = result.at("/response/body");
        assertThat(text.toString()).isEqualTo(body.at("/choices/0/message/content").asString());
        assertThat(chunks.getFirst().at("/choices/0/delta/reasoning_content").asString())
                .isEqualTo(body.at("/choices/0/message/reasoning_content").asString());
        assertThat(chunks.getLast().at("/usage")).isEqualTo(body.at("/usage"));
        BilledTokens billed = good.ledger().calls(attempt).getFirst().tokens();
        JsonNode usage = meter(attempt).at("/usage");
        assertThat(usage.at("/input_tokens").asLong()).isEqualTo(billed.input());
        assertThat(usage.at("/output_tokens").asLong()).isEqualTo(billed.output());
        assertThat(usage.at("/cache_read_input_tokens").asLong()).isEqualTo(billed.cached());
        assertThat(usage.at("/reasoning_output_tokens").asLong()).isEqualTo(billed.reasoning());
    }

    @Test
    void aStreamThatHasBegunEndsWithItsProvider() throws Exception {
        JsonNode result = stream("cut", "['claude:cut', 'google:told']");

        assertThat(lanes(result)).containsExactly("frontier:claude:main:inference:cut");
        assertThat(result.at("/gantry/outcome").asString()).isEqualTo("failed");
        String attempt = result.at("/gantry/attempts/0/attempt_id").asString();
        assertThat(chunks("cut", attempt).getFirst().at("/choices/0/delta/content").asString())
                .isNotEmpty();
        BilledTokens billed = faulty.ledger().calls(attempt).getFirst().tokens();
        JsonNode usage = meter(attempt).at("/usage");
        assertThat(usage.at("/input_tokens").asLong()).isEqualTo(billed.input());
        assertThat(usage.at("/output_tokens").asLong()).isBetween(1L, billed.output());
    }

    private static JsonNode stream(String id, String chain) throws Exception {
        String line =
                "{'custom_id': '%s', 'body': {'model': 'no-matter', 'stream': true, 'stream_options': {'include_usage': true}, 'messages': [{'role': 'user', 'content': 'How far is it?'}]}, 'gantry': {'routing': {'policy': {'chain': %s, 'failover': {'retries': 0}}}}}"
                        .formatted(id, chain)
                        .replace('\'', '"');
        fleet.send(List.of(line));
        return published.resultsOf(List.of(id)).getFirst();
    }

    /** All of an attempt, in order. */
    private static List<JsonNode> chunks(String id, String attempt) {
        try (TopicReader topic = fleet.read("chunks")) {
            List<ConsumerRecord<byte[], byte[]>> told =
                    topic.until(
                            "the last chunk",
                            seen ->
                                    of(seen, id).stream()
                                            .anyMatch(
                                                    each ->
                                                            each.headers().lastHeader("gantry-last")
                                                                    != null));
            List<JsonNode> chunks = new ArrayList<>();
            for (ConsumerRecord<byte[], byte[]> each : of(told, id)) {
                assertThat(header(each, "gantry-attempt-id")).isEqualTo(attempt);
                assertThat(header(each, "gantry-sequence")).isEqualTo("" + chunks.size());
                chunks.add(JSON.readTree(each.value()));
            }
            return chunks;
        }
    }

    /** Its last word. */
    private static JsonNode meter(String attempt) {
        try (TopicReader metering = fleet.read("metering")) {
            List<ConsumerRecord<byte[], byte[]>> all =
                    metering.until("the reading", seen -> reading(seen, attempt).has("ended_at"));
            return reading(all, attempt);
        }
    }

    private static JsonNode reading(List<ConsumerRecord<byte[], byte[]>> all, String attempt) {
        return MeterReadings.last(all.stream().map(ConsumerRecord::value))
                .getOrDefault(attempt, JSON.createObjectNode());
    }

    @Test
    void aTransientFailureIsRepeatedInPlaceFirst() throws Exception {
        JsonNode result = send("in-place", "{'chain': ['one:again', 'two:shared']}", "");

        assertThat(lanes(result))
                .containsExactly(
                        "frontier:one:main:inference:again",
                        "frontier:one:main:inference:again",
                        "cloud:two:main:inference:shared");
        assertThat(result.at("/gantry/took_ms").asLong()).isGreaterThanOrEqualTo(500);
    }

    @Test
    void aPermanentFailureEndsTheRequestUnlessTheRulesSayOtherwise() throws Exception {
        String chain = "{'chain': ['one:bad_request', 'two:shared']";

        JsonNode ended = send("permanent", chain + "}", "");
        JsonNode advanced =
                send("advances", chain + ", 'failover': {'advance_on_permanent': true}}", "");
        JsonNode never =
                send(
                        "content",
                        "{'chain': ['one:content_policy', 'two:shared'],"
                                + " 'failover': {'advance_on_permanent': true,"
                                + " 'on_status': [400]}}",
                        "");

        assertThat(ended.at("/gantry/outcome").asString()).isEqualTo("refused");
        assertThat(ended.at("/response/status_code").asInt()).isEqualTo(400);
        assertThat(advanced.at("/gantry/outcome").asString()).isEqualTo("succeeded");
        assertThat(never.at("/gantry/outcome").asString()).isEqualTo("refused");
        assertThat(lanes(never)).hasSize(1);
    }

    @Test
    void aForcedLocalRequestStaysLocalWhateverThePolicySays() throws Exception {
        JsonNode result =
                sendUntil(
                        "forced",
                        "{'chain': ['two:shared', 'house:overloaded', 'one:server'],"
                                + " 'failover': {'advance_on_permanent': true,"
                                + " 'on_status': [503], 'max_attempts': 10}}",
                        () ->
                                ",'classification': {'contains_phi': true}, 'deadline': '%s'"
                                        .formatted(Instant.now().plusSeconds(5)),
                        "it was called before its deadline",
                        each -> !lanes(each).isEmpty());
        String forced = result.at("/custom_id").asString();
        assertThat(result.at("/gantry/outcome").asString()).isEqualTo("expired");
        assertThat(lanes(result)).allMatch(each -> each.startsWith("local:"));
        try (TopicReader routing = fleet.read("routing");
                TopicReader metering = fleet.read("metering")) {
            JsonNode end = value(routing, forced, "exhausted", "llm.routing");
            assertThat(end.at("/code").asString()).isEqualTo("batch_expired");
            assertThat(end.at("/policy").asString()).isEqualTo("inline");
            assertThat(end.at("/error_kind").asString()).isEqualTo("overloaded");
            assertThat(end.at("/http_status").asInt()).isEqualTo(503);
            JsonNode assignment = value(metering, forced, "metered", null).at("/assignment");
            assertThat(assignment.at("/tier").asString()).isEqualTo("local");
            assertThat(assignment.at("/forced").asBoolean()).isTrue();
        }
    }

    @Test
    void anUnknownPolicyIsADeadLetterThatNamesTheMember() throws Exception {
        JsonNode result = send("unknown", "'cheap'", "");

        assertThat(result.at("/gantry/outcome").asString()).isEqualTo("invalid");
        assertThat(result.at("/error/code").asString()).isEqualTo("invalid_request");
        assertThat(result.at("/error/message").asString())
                .isEqualTo(
                        "gantry.routing.policy: unknown policy cheap; allowed is one of"
                                + " by-status");
        try (TopicReader letters = fleet.read("dead-letters")) {
            letters.until("the record", seen -> !seen.isEmpty());
        }
    }

    /** Again where a busy machine was too slow for what is to be seen. */
    private static JsonNode sendUntil(
            String stem,
            String policy,
            Supplier<String> more,
            String what,
            Predicate<JsonNode> enough)
            throws Exception {
        AtomicReference<JsonNode> last = new AtomicReference<>();
        AtomicInteger sent = new AtomicInteger();
        Await.until(
                what,
                () -> {
                    last.set(send(stem + "-" + sent.getAndIncrement(), policy, more.get()));
                    return enough.test(requireNonNull(last.get()));
                });
        return requireNonNull(last.get());
    }

    private static JsonNode send(String id, String policy, String more) throws Exception {
        String line =
                "{'custom_id': '%s', 'body': {'model': 'no-matter', 'messages': []}, 'gantry': {'routing': {'policy': %s}%s}}"
                        .formatted(id, policy, more)
                        .replace('\'', '"');
        fleet.send(List.of(line));
        return published.resultsOf(List.of(id)).getFirst();
    }

    private static List<String> lanes(JsonNode result) {
        List<String> lanes = new ArrayList<>();
        result.at("/gantry/attempts").forEach(each -> lanes.add(each.at("/lane").asString()));
        return lanes;
    }

    /** The value of the first such event of a request; each of them has the label. */
    private static JsonNode value(
            TopicReader topic, String id, String event, @Nullable String label) {
        List<ConsumerRecord<byte[], byte[]>> all =
                topic.until(event, seen -> !of(seen, id, event).isEmpty());
        ConsumerRecord<byte[], byte[]> first = of(all, id, event).getFirst();
        if (label != null) {
            assertThat(header(first, "ce_label")).isEqualTo(label);
        }
        return JSON.readTree(first.value());
    }

    private static List<ConsumerRecord<byte[], byte[]>> of(
            List<ConsumerRecord<byte[], byte[]>> records, String id) {
        return records.stream()
                .filter(each -> new String(each.key(), StandardCharsets.UTF_8).equals(id))
                .toList();
    }

    private static List<ConsumerRecord<byte[], byte[]>> of(
            List<ConsumerRecord<byte[], byte[]>> records, String id, String event) {
        return of(records, id).stream()
                .filter(each -> header(each, "ce_type").contains("." + event + "."))
                .toList();
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }
}
