package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.cli.ExitCode;
import dev.gantry.cli.StopSignal;
import dev.gantry.cli.Terminal;
import dev.gantry.cli.batch.BrokerAccess;
import dev.gantry.cli.batch.CollectCommand;
import dev.gantry.cli.batch.SubmitCommand;
import dev.gantry.launch.Commands;
import dev.gantry.simulator.BilledTokens;
import dev.gantry.simulator.Call;
import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Fault;
import dev.gantry.simulator.script.Latency;
import dev.gantry.simulator.script.Refusal;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.TopicReader;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/** One worker, two providers, and each way in which a request can end. */
class OutcomesTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    @TempDir Path folder;

    private static SimulatedProvider good;
    private static SimulatedProvider bad;
    private static Fleet fleet;
    private static ConfigurableApplicationContext worker;
    private static TopicReader results;

    @BeforeAll
    static void start() throws Exception {
        good =
                SimulatedProvider.start(
                        Script.of(Behaviour.FAULTLESS)
                                .model(
                                        "slow",
                                        Behaviour.taking(new Latency.Fixed(Duration.ofSeconds(30))))
                                .model(
                                        "refuses",
                                        Behaviour.always(Fault.refuse(Refusal.CONTENT_POLICY)))
                                .model("picky", picky())
                                .model("choosy", picky())
                                .model("huge", Behaviour.always(new Fault.Oversize(3 << 20))));
        bad = SimulatedProvider.start(Script.of(Behaviour.always(Fault.refuse(Refusal.SERVER))));
        fleet =
                Fleet.create()
                        .provider(
                                "first",
                                "frontier",
                                bad.baseUrl(),
                                "shared",
                                "doomed",
                                "trio",
                                "prose")
                        .provider("claude", "frontier", bad.baseUrl(), "trio")
                        .with("gantry.providers.claude.dialect", "anthropic")
                        .provider(
                                "google",
                                "cloud",
                                good.address().resolve("/v1beta"),
                                "trio",
                                "solo")
                        .with("gantry.providers.google.dialect", "gemini")
                        .provider(
                                "second",
                                "cloud",
                                good.baseUrl(),
                                "shared",
                                "slow",
                                "refuses",
                                "picky",
                                "choosy",
                                "huge")
                        .with("gantry.providers.second.models[4].capabilities", "tools")
                        .provider("knows", "cloud", good.baseUrl(), "responder")
                        .with("gantry.providers.knows.models[0].capabilities", "tools,responses")
                        .provider("haiku", "cloud", good.baseUrl(), "sonnet")
                        .with("gantry.providers.haiku.dialect", "anthropic")
                        .provider("every", "cloud", good.baseUrl(), "prose", "embed", "judge")
                        .with("gantry.providers.every.models[1].type", "embedding")
                        .with("gantry.providers.every.models[2].type", "moderation")
                        .with("gantry.providers.every.models[2].capabilities[0]", "vision")
                        .with("gantry.providers.every.models[2].price.input", "0")
                        .with("gantry.providers.every.models[2].price.cached-input", "0")
                        .with("gantry.worker.max-response-size", "2MB");
        worker = Commands.startWorker(List.of(fleet.arguments()));
        results = fleet.read("results");
    }

    private static Behaviour picky() {
        return Behaviour.always(
                new Fault.RefuseMembers(
                        Map.of("temperature", "", "max_tokens", "max_completion_tokens"), 512));
    }

    @AfterAll
    static void stop() throws Exception {
        results.close();
        worker.close();
        fleet.close();
        good.close();
        bad.close();
    }

    @Test
    void aRequestSucceedsOnTheSecondLaneAfterTheFirstFailed() throws Exception {
        JsonNode result = send("failover", "\"model\":\"shared\"", "");

        assertThat(result.at("/gantry/outcome").asString()).isEqualTo("succeeded");
        assertThat(result.at("/response/status_code").asInt()).isEqualTo(200);
        assertThat(result.at("/gantry/lane").asString())
                .isEqualTo("cloud:second:main:inference:shared");
        assertThat(result.at("/gantry/attempts/0/error/kind").asString()).isEqualTo("server");
        assertThat(result.at("/gantry/selected").asInt()).isEqualTo(2);
        assertThat(result.at("/error").isNull()).isTrue();
    }

    @Test
    void aChainLeadsThroughThreeDialectsToOneForm() throws Exception {
        JsonNode result = send("trio", "\"model\":\"trio\",\"user\":\"u\"", "");

        assertThat(result.at("/gantry/attempts").findValuesAsString("provider"))
                .containsExactlyInAnyOrder("first", "claude", "google")
                .last()
                .isEqualTo("google");
        assertThat(result.at("/gantry/attempts").findValuesAsString("kind"))
                .containsExactly("server", "server");
        assertThat(result.at("/gantry/attempts/2/adapted/0/member").asString()).isEqualTo("user");
        assertThat(result.at("/gantry/attempts/2/adapted/0/because").asString())
                .isEqualTo("dialect");
        JsonNode body = result.at("/response/body");
        assertThat(body.at("/object").asString()).isEqualTo("chat.completion");
        assertThat(body.at("/choices/0/message/content").asString()).isNotEmpty();
        BilledTokens billed =
                good.ledger().calls().stream()
                        .filter(each -> each.model().equals("trio"))
                        .findFirst()
                        .orElseThrow()
                        .tokens();
        assertThat(body.at("/usage/prompt_tokens").asLong()).isEqualTo(billed.input());
        assertThat(body.at("/usage/completion_tokens").asLong()).isEqualTo(billed.output());
        // Per million 0.25 and 2.00.
        assertThat(new BigDecimal(result.at("/gantry/cost_usd").asString()).movePointRight(8))
                .isEqualByComparingTo(
                        BigDecimal.valueOf(25 * billed.input() + 200 * billed.output()));
        assertThat(result.at("/gantry/cost_state").asString()).isEqualTo("final");
    }

    @Test
    void whatADialectLacksIsNamedAndNothingIsSent() throws Exception {
        JsonNode result = send("lacking", "\"model\":\"solo\",\"logprobs\":true", "");

        assertThat(result.at("/error/code").asString()).isEqualTo("no_lane_available");
        assertThat(result.at("/error/message").asString())
                .contains("dialect (gemini lacks logprobs) excludes 1 lane");
        assertThat(result.at("/gantry/attempts").isEmpty()).isTrue();
    }

    @Test
    void aResponsesRequestIsAnsweredByTheApiOrByAChatInAnyDialect() throws Exception {
        String plain = "\"instructions\":\"Be brief\",\"input\":\"Hi\",\"max_output_tokens\":900";

        JsonNode known =
                respond("known-api", "responder", plain + ",\"previous_response_id\":\"r\"");
        JsonNode chat = respond("by-chat", "choosy", plain + ",\"temperature\":0.20");
        JsonNode claude = respond("by-claude", "sonnet", plain);

        assertThat(known.at("/gantry/attempts").size()).isOne();
        assertThat(chat.at("/gantry/attempts/3/adapted").findValuesAsString("change"))
                .containsExactlyInAnyOrder("dropped", "renamed", "clamped");
        for (JsonNode result : List.of(known, chat, claude)) {
            JsonNode body = result.at("/response/body");
            Call call =
                    good.ledger()
                            .calls(lastAttempt(result).at("/attempt_id").asString())
                            .getFirst();
            assertThat(result.at("/gantry/outcome").asString()).isEqualTo("succeeded");
            assertThat(body.at("/object").asString()).isEqualTo("response");
            assertThat(body.at("/status").asString()).isEqualTo("completed");
            assertThat(body.at("/output/0/content/0/text").asString()).isNotEmpty();
            assertThat(body.at("/usage/output_tokens").asLong()).isEqualTo(call.tokens().output());
            assertThat(result.at("/gantry/cost_state").asString()).isEqualTo("final");
        }
    }

    @Test
    void whatAChatLacksIsNamedAndOnlyTheApiIsAsked() throws Exception {
        JsonNode result =
                respond("own-tool", "choosy", "\"input\":\"Hi\",\"tools\":[{\"type\":\"mcp\"}]");

        assertThat(result.at("/error/code").asString()).isEqualTo("no_lane_available");
        assertThat(result.at("/error/message").asString())
                .contains("dialect (chat lacks type mcp) excludes 1 lane");
        assertThat(result.at("/gantry/attempts").isEmpty()).isTrue();
    }

    private static JsonNode lastAttempt(JsonNode result) {
        JsonNode attempts = result.at("/gantry/attempts");
        return attempts.get(attempts.size() - 1);
    }

    private static JsonNode respond(String id, String model, String body) throws Exception {
        fleet.send(
                List.of(
                        "{\"custom_id\":\"%s\",\"body\":{\"model\":\"%s\",%s},\"url\":\"/v1/responses\"}"
                                .formatted(id, model, body)));
        return result(id);
    }

    @Test
    void aRequestThatADialectCannotSayEndsWithTheReason() throws Exception {
        JsonNode result = send("unsaid", "\"model\":\"solo\",\"temperature\":\"hot\"", "");

        assertThat(result.at("/gantry/outcome").asString()).isEqualTo("invalid");
        assertThat(result.at("/error/code").asString()).isEqualTo("invalid_request");
        assertThat(result.at("/error/message").asString())
                .startsWith("nothing was sent, as no lane that was tried can be told this: ")
                .contains("dialect gemini: temperature: a number is wanted");
        assertThat(result.at("/gantry/attempts/0/error/kind").asString()).isEqualTo("bad_request");
        assertThat(good.ledger().calls()).noneMatch(each -> each.model().equals("solo"));
    }

    @Test
    void aRequestWhoseLanesAllFailIsExhausted() throws Exception {
        JsonNode result = send("exhausted", "\"model\":\"doomed\"", "");

        assertThat(result.at("/error/code").asString()).isEqualTo("escalation_exhausted");
        assertThat(result.at("/error/message").asString())
                .contains("frontier:first:main:inference:doomed");
        assertThat(result.at("/response").isNull()).isTrue();
    }

    @Test
    void anUnknownModelHasNoLane() throws Exception {
        JsonNode result = send("nolane", "\"model\":\"nobody-has-this\"", "");

        assertThat(result.at("/error/code").asString()).isEqualTo("no_lane_available");
        assertThat(result.at("/gantry/attempts").size()).isZero();
    }

    @Test
    void anExplicitTierThatDoesNotExistIsInvalid() throws Exception {
        JsonNode result =
                send(
                        "notier",
                        "\"model\":\"shared\"",
                        ",\"gantry\":{\"routing\":{\"tier\":\"moon\"}}");

        assertThat(result.at("/error/code").asString()).isEqualTo("invalid_request");
        assertThat(result.at("/error/message").asString())
                .contains("gantry.routing.tier: moon is not one of local, direct");
    }

    @Test
    void aDeadlineEndsAHangingRequest() throws Exception {
        AtomicInteger sent = new AtomicInteger();

        Await.until(
                "one that a busy machine calls in time costs nobody knows what",
                () -> {
                    JsonNode result =
                            send(
                                    "late-" + sent.getAndIncrement(),
                                    "\"model\":\"slow\"",
                                    ",\"gantry\":{\"deadline\":\"%s\"}"
                                            .formatted(Instant.now().plusSeconds(4)));
                    assertThat(result.at("/error/code").asString()).isEqualTo("batch_expired");
                    assertThat(result.at("/gantry/outcome").asString()).isEqualTo("expired");
                    return result.at("/gantry/attempts/0/cost_state").asString().equals("unknown");
                });
    }

    @Test
    void aProvidersRefusalKeepsItsAnswer() throws Exception {
        JsonNode result = send("refused", "\"model\":\"refuses\"", "");

        assertThat(result.at("/gantry/outcome").asString()).isEqualTo("refused");
        assertThat(result.at("/response/status_code").asInt()).isEqualTo(400);
        assertThat(result.at("/error").isNull()).isTrue();
    }

    @Test
    void anAnswerBeyondTheLimitIsTooLarge() throws Exception {
        JsonNode result = send("oversize", "\"model\":\"huge\"", "");

        assertThat(result.at("/error/code").asString()).isEqualTo("result_too_large");
    }

    @Test
    void aMalformedRecordGoesToTheDeadLettersAndItsSenderIsTold() throws Exception {
        fleet.send(List.of("{\"custom_id\":\"malformed\",\"body\":7}", "not json at all"));

        JsonNode result = result("malformed");
        assertThat(result.at("/error/code").asString()).isEqualTo("invalid_request");
        assertThat(result.at("/error/message").asString()).startsWith("body: 7 is not an object");
        try (TopicReader letters = fleet.read("dead-letters")) {
            List<ConsumerRecord<byte[], byte[]>> records =
                    letters.until("two dead letters", seen -> seen.size() >= 2);
            assertThat(records)
                    .allSatisfy(
                            each ->
                                    assertThat(each.headers().lastHeader("gantry-error-message"))
                                            .isNotNull());
        }
    }

    @Test
    void aRecordThatOnlyItsKeyNamesIsAnswered() throws Exception {
        String deep = "[".repeat(300) + "]".repeat(300);
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
            producer.send(request("b/by-key", "{\"body\":" + deep + ",\"custom_id\":\"deep\"}"))
                    .get();
            producer.send(request("customer-9", "nobody's")).get();
        }

        JsonNode result = result("by-key");

        assertThat(result.at("/error/code").asString()).isEqualTo("invalid_request");
        assertThat(result.at("/gantry/request_id").asString()).isEqualTo("b/by-key");
        assertThat(byId(results.all())).doesNotContainKeys("deep", "customer-9");
    }

    @Test
    void aBatchGetsItsOwnAnswersThoughOthersUseItsIds() throws Exception {
        String line = "{\"custom_id\":\"%s\",\"body\":{\"model\":\"%s\",\"messages\":[]}}";
        Path file =
                Files.write(
                        folder.resolve("b.jsonl"),
                        List.of(line.formatted("one", "shared"), line.formatted("two", "shared")));
        try (KafkaProducer<byte[], byte[]> producer = producer()) {
            producer.send(request("any", line.formatted("one", "refuses"))).get();
        }

        int sent = submit(SubmitCommand.parse(List.of(file.toString(), "--batch-id", "b"))::run);
        Files.delete(folder.resolve("b.jsonl.out.jsonl"));
        int collected =
                submit(
                        CollectCommand.parse(
                                        List.of(
                                                "b",
                                                "--out",
                                                folder.resolve("b.jsonl.out.jsonl").toString()))
                                ::run);

        assertThat(sent).isZero();
        assertThat(collected).isZero();
        assertThat(Files.readAllLines(folder.resolve("b.jsonl.out.jsonl"))).hasSize(2);
        assertThat(folder.resolve("b.jsonl.err.jsonl")).doesNotExist();
    }

    @Test
    void aFileMayAskForEveryOperation() throws Exception {
        Path file =
                Files.writeString(
                        folder.resolve("mix.jsonl"),
                        """
                        {"custom_id":"op-chat","method":"POST","url":"/v1/chat/completions","body":{"model":"picky","messages":[]}}
                        {"custom_id":"op-items","url":"/v1/responses","body":{"model":"picky","input":"a"}}
                        {"custom_id":"op-prose","url":"/v1/completions","body":{"model":"prose","prompt":["a","b"],"n":2,"max_tokens":5}}
                        {"custom_id":"op-vector","url":"/v1/embeddings","body":{"model":"embed","input":["a","b","c"]}}
                        {"custom_id":"op-judged","body":{"model":"judge","input":[{"type":"image_url","image_url":{"url":"data:,"}}]},"url":"/v1/moderations"}
                        {"custom_id":"op-lacking","url":"/v1/completions","body":{"model":"solo","prompt":"a"}}
                        """);

        int code = submit(SubmitCommand.parse(List.of(file.toString(), "--batch-id", "mix"))::run);

        assertThat(code).isEqualTo(ExitCode.SOME_FAILED.code());
        ObjectNode mix = JSON.createObjectNode();
        for (String ending : List.of(".out.jsonl", ".err.jsonl")) {
            for (String line : Files.readAllLines(folder.resolve("mix.jsonl" + ending))) {
                JsonNode result = JSON.readTree(line);
                mix.set(result.at("/custom_id").asString(), result);
            }
        }
        assertThat(mix.at("/op-chat/response/body/choices/0/message").isObject()).isTrue();
        assertThat(mix.at("/op-items/response/body/output").isArray()).isTrue();
        JsonNode text = mix.path("op-prose");
        assertThat(text.at("/response/body/choices").size()).isEqualTo(4);
        assertThat(text.at("/response/body/choices").findValuesAsString("finish_reason"))
                .containsOnly("length");
        assertThat(text.at("/gantry/attempts/0/error/kind").asString()).isEqualTo("server");
        String second = text.at("/gantry/attempts/1/attempt_id").asString();
        assertThat(good.ledger().calls(second).getFirst().tokens().output()).isEqualTo(20);
        assertThat(billedByMeter("op-prose", 2)).containsEntry(second, 20L);
        assertThat(mix.at("/op-vector/response/body/data").size()).isEqualTo(3);
        assertThat(mix.at("/op-judged/response/body/results/0/flagged").isBoolean()).isTrue();
        assertThat(mix.at("/op-judged/gantry/cost_state").asString()).isEqualTo("not_billable");
        assertThat(mix.at("/op-judged/gantry/cost_usd").asString()).isEqualTo("0");
        assertThat(mix.at("/op-lacking/error/message").asString())
                .contains("dialect (gemini lacks completions) excludes 1 lane");
    }

    private interface BatchCommand {
        int run(BrokerAccess broker, Terminal terminal, StopSignal stop, InstantSource clock);
    }

    private static int submit(BatchCommand command) {
        Map<String, Object> client = Map.of("bootstrap.servers", fleet.bootstrapServers());
        var broker =
                new BrokerAccess(
                        client,
                        client,
                        client,
                        fleet.topic("requests"),
                        List.of(),
                        fleet.topic("results"),
                        fleet.topic("metering"),
                        fleet.topic("routing"),
                        "g");
        return command.run(
                broker,
                Terminal.plain(System.out, System.err),
                new StopSignal(),
                InstantSource.system());
    }

    private static KafkaProducer<byte[], byte[]> producer() {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", fleet.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    private static ProducerRecord<byte[], byte[]> request(String key, String value) {
        var record =
                new ProducerRecord<>(
                        fleet.topic("requests"),
                        key.getBytes(StandardCharsets.UTF_8),
                        value.getBytes(StandardCharsets.UTF_8));
        record.headers().add("gantry-batch-id", "b".getBytes(StandardCharsets.UTF_8));
        return record;
    }

    /** The reader holds every record to its schema and to the events page's promises. */
    @Test
    void whatARealWorkerPublishesKeepsItsPromises() throws Exception {
        send("promises", "\"model\":\"shared\"", "");

        for (String topic : List.of("metering", "audit", "routing")) {
            try (TopicReader reader = fleet.read(topic)) {
                reader.until("the escalation's records", seen -> about("promises", seen) >= 2);
            }
        }
    }

    @Test
    void aRequestIsRepairedAndTheNextOneNeedNotFailFirst() throws Exception {
        String options = "\"model\":\"picky\",\"temperature\":0.20,\"seed\":7,\"max_tokens\":900";

        JsonNode first = send("repaired", options, "");
        JsonNode second = send("known", options, "");

        assertThat(first.at("/gantry/outcome").asString()).isEqualTo("succeeded");
        assertThat(first.at("/gantry/attempts").size()).isEqualTo(4);
        assertThat(first.at("/gantry/attempts/3/adapted").toString())
                .isEqualTo(
                        """
                        [{"member":"temperature","change":"dropped","because":"refused"},\
                        {"member":"max_tokens","change":"renamed","to":"max_completion_tokens","because":"refused"},\
                        {"member":"max_completion_tokens","change":"clamped","limit":512,"because":"refused"}]""");
        assertThat(second.at("/gantry/outcome").asString()).isEqualTo("succeeded");
        assertThat(second.at("/gantry/attempts").size()).isOne();
        assertThat(second.at("/gantry/attempts/0/adapted").findValuesAsString("because"))
                .containsExactly("learnt", "learnt", "learnt");
        assertThat(second.at("/response/body/usage/completion_tokens").asInt())
                .isLessThanOrEqualTo(512);
        assertThat(billedByMeter("repaired", 4)).isEqualTo(billedByLedger(first));
        assertThat(adaptedInAudit("known")).isEqualTo(second.at("/gantry/attempts/0/adapted"));
    }

    private static Map<String, Long> billedByMeter(String id, int attempts) {
        try (TopicReader reader = fleet.read("metering")) {
            Map<String, Long> billed = new TreeMap<>();
            reader.until(
                    "the final readings",
                    seen -> {
                        seen.stream()
                                .map(each -> JSON.readTree(each.value()))
                                .filter(each -> each.at("/custom_id").asString().equals(id))
                                .filter(each -> each.at("/version").asInt() > 10_000_000)
                                .forEach(
                                        each ->
                                                billed.put(
                                                        each.at("/attempt_id").asString(),
                                                        each.at("/usage/output_tokens").asLong(0)));
                        return billed.size() == attempts;
                    });
            return billed;
        }
    }

    private static Map<String, Long> billedByLedger(JsonNode result) {
        Map<String, Long> billed = new TreeMap<>();
        for (JsonNode attempt : result.at("/gantry/attempts")) {
            String id = attempt.at("/attempt_id").asString();
            assertThat(good.ledger().calls(id)).as("calls of " + id).hasSize(1);
            billed.put(id, good.ledger().calls(id).getFirst().tokens().output());
        }
        return billed;
    }

    private static JsonNode adaptedInAudit(String id) {
        try (TopicReader reader = fleet.read("audit")) {
            List<ConsumerRecord<byte[], byte[]>> all =
                    reader.until("the audit", seen -> about(id, seen) >= 1);
            return all.stream()
                    .filter(each -> about(id, List.of(each)) == 1)
                    .map(each -> JSON.readTree(each.value()).at("/adapted"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static long about(String id, List<ConsumerRecord<byte[], byte[]>> records) {
        return records.stream()
                .filter(each -> new String(each.key(), StandardCharsets.UTF_8).equals(id))
                .count();
    }

    private static JsonNode send(String id, String body, String rest) throws Exception {
        fleet.send(
                List.of(
                        "{\"custom_id\":\"%s\",\"body\":{%s,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}%s}"
                                .formatted(id, body, rest)));
        return result(id);
    }

    private static JsonNode result(String id) {
        return Objects.requireNonNull(
                byId(results.until(id, seen -> byId(seen).containsKey(id))).get(id));
    }

    private static Map<String, JsonNode> byId(List<ConsumerRecord<byte[], byte[]>> records) {
        Map<String, JsonNode> results = new LinkedHashMap<>();
        for (ConsumerRecord<byte[], byte[]> each : records) {
            JsonNode result = JSON.readTree(each.value());
            results.put(result.at("/custom_id").asString(), result);
        }
        return results;
    }
}
