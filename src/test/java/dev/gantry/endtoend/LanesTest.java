package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.launch.Commands;
import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.ManagementPages;
import dev.gantry.testbed.TopicReader;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What operators see and do on a running worker, and what the fleet's topics are told of it. */
@ExtendWith(OutputCaptureExtension.class)
@ResourceLock(Resources.SYSTEM_OUT)
class LanesTest {
    private static final String TOKEN = "op-very-secret-token";
    private static final JsonMapper JSON = JsonMapper.shared();

    private static SimulatedProvider provider;
    private static Fleet fleet;
    private static ConfigurableApplicationContext worker;
    private static ManagementPages pages;

    @BeforeAll
    static void start() throws Exception {
        provider = SimulatedProvider.start(Script.of(Behaviour.FAULTLESS));
        fleet =
                Fleet.create()
                        .provider("sim", "cloud", provider.baseUrl(), "one", "two", "three", "four")
                        .with("gantry.operator.token", TOKEN)
                        .with("gantry.worker.drain-timeout", "1s");
        worker = Commands.startWorker(List.of(fleet.arguments()));
        pages = ManagementPages.of(worker, TOKEN);
        pages.awaitReady();
    }

    @AfterAll
    static void stop() throws IOException {
        worker.close();
        fleet.close();
        provider.close();
    }

    @Test
    void everyConfiguredLaneIsListedWithItsCircuit() throws Exception {
        JsonNode lane = lane("cloud:sim:main:inference:four");

        assertThat(pages.json("lanes").at("/lanes").size()).isEqualTo(4);
        assertThat(lane.at("/state").asString()).isEqualTo("closed");
        assertThat(lane.at("/takes_calls").asString()).isEqualTo("closed");
        assertThat(lane.at("/weight").asDouble()).isPositive();
        assertThat(lane.at("/in_flight").asInt()).isZero();
        assertThat(pages.json("lanes").at("/instances/0/circuit").asString()).isEqualTo("sim:main");
        assertThat(pages.json("lanes").at("/circuits/source").asString())
                .isIn("notify", "poll_only");
    }

    @Test
    void readinessSaysHowCircuitsAreLearntOf() throws Exception {
        assertThat(pages.work().at("/circuits/source").asString()).isIn("notify", "poll_only");
        Await.until("all is well", () -> pages.work().at("/degraded").isEmpty());
    }

    @Test
    void aDeniedLaneIsShownCountedPublishedAndAudited(CapturedOutput output) throws Exception {
        String circuit = "sim:main:inference:one";

        HttpResponse<String> answer =
                post(
                        TOKEN,
                        """
                        {"target": "sim:main:inference:o*", "action": "deny",
                         "reason": "wrong answers", "actor": "jo"}""");

        assertThat(answer.statusCode()).isEqualTo(200);
        Await.until(
                "shown", () -> lane("cloud:" + circuit).at("/state").asString().equals("denied"));
        JsonNode lane = lane("cloud:" + circuit);
        assertThat(lane.at("/reason").asString()).isEqualTo("wrong answers");
        assertThat(lane.at("/actor").asString()).isEqualTo("jo");
        assertThat(pages.text("prometheus"))
                .contains("gantry_lane_state{lane=\"cloud:" + circuit + "\"} 3.0")
                .contains("gantry_parked 0.0");
        Await.until(
                "counted",
                () ->
                        pages.text("prometheus")
                                .contains(
                                        "gantry_circuit_transitions_total{kind=\"operator\",to=\"denied\"}"));
        ConsumerRecord<byte[], byte[]> event = event("routing", circuit);
        assertThat(header(event, "ce_type")).isEqualTo("dev.gantry.routing.circuit.v1");
        assertThat(header(event, "ce_partitionkey")).isEqualTo(circuit);
        assertThat(value(event).at("/event").asString()).isEqualTo("denied");
        assertThat(value(event).at("/actor").asString()).isEqualTo("jo");
        ConsumerRecord<byte[], byte[]> audit = event("audit", circuit);
        assertThat(header(audit, "ce_type")).isEqualTo("dev.gantry.operator.acted.v1");
        assertThat(value(audit).at("/action").asString()).isEqualTo("deny");
        assertThat(value(audit).at("/change/from").asString()).isEqualTo("closed");
        assertThat(value(audit).at("/reason").asString()).isEqualTo("wrong answers");
        assertThat(output.getAll()).contains("circuit moved").doesNotContain(TOKEN);
    }

    @Test
    void aDeniedLaneIsNotCalledAndAResetOneIs() throws Exception {
        post(TOKEN, "{\"target\": \"sim:main:inference:two\", \"action\": \"deny\"}");
        Await.until(
                "holds",
                () ->
                        lane("cloud:sim:main:inference:two")
                                .at("/takes_calls")
                                .asString()
                                .equals("denied"));
        fleet.send(
                List.of(
                        "{\"custom_id\":\"patient\",\"body\":{\"model\":\"two\",\"messages\":[]}}"));
        Await.until("waits", () -> pages.json("intake").at("/parked").asInt() == 1);
        String topic = "{topic=\"" + fleet.topic("requests") + "\"}";
        Await.until(
                "is told as what no worker more would help",
                () ->
                        pages.metric("gantry_backlog_limited" + topic) == 1
                                && pages.metric("gantry_backlog" + topic) == 1);
        assertThat(pages.metric("gantry_waiting" + topic)).isEqualTo(1);
        assertThat(pages.metric("gantry_lane_waiting{lane=\"cloud:sim:main:inference:two\""))
                .isEqualTo(1);

        post(TOKEN, "{\"target\": \"sim:main:inference:two\", \"action\": \"reset\"}");

        try (TopicReader results = fleet.read("results")) {
            String result =
                    new String(
                            results.until("answered", seen -> !seen.isEmpty()).getFirst().value(),
                            StandardCharsets.UTF_8);
            assertThat(JSON.readTree(result).at("/gantry/outcome").asString())
                    .isEqualTo("succeeded");
        }
    }

    @Test
    void withoutTheTokenNothingMoves() throws Exception {
        String deny = "{\"target\": \"sim:main:inference:three\", \"action\": \"deny\"}";

        assertThat(post("guessed", deny).statusCode()).isEqualTo(401);
        assertThat(post(null, deny).statusCode()).isEqualTo(401);
        assertThat(lane("cloud:sim:main:inference:three").at("/state").asString())
                .isEqualTo("closed");
        assertThat(pages.text("lanes") + pages.text("prometheus") + pages.text("info"))
                .doesNotContain(TOKEN);
    }

    /** As large as a request may be, and as little told of it as of any other. */
    @Test
    void aRequestIsExplainedToTheOperatorWithoutACall() throws Exception {
        String line =
                """
                {"custom_id": "curious", "body": {"model": "four", "max_tokens": 100,
                 "messages": [{"role": "user", "content": "%s"}]}}"""
                        .formatted("my prompt ".repeat(5_000));

        HttpResponse<String> answer = post(TOKEN, "explain", line);
        HttpResponse<String> wrong = post(TOKEN, "explain", "{\"custom_id\": \"curious\"}");
        JsonNode told = JSON.readTree(answer.body());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(told.at("/outcome").asString()).isEqualTo("calls");
        assertThat(told.at("/lane").asString()).isEqualTo("cloud:sim:main:inference:four");
        assertThat(told.at("/lanes/0/circuit").asString()).isEqualTo("closed");
        assertThat(told.at("/lanes/0/cost_usd/projected").asString()).startsWith("0.00");
        assertThat(told.at("/excluded").findValuesAsString("rule"))
                .containsExactly("model", "model", "model");
        assertThat(answer.body()).doesNotContain("my prompt", provider.baseUrl().toString());
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(wrong.body()).contains("body: missing");
        assertThat(post(null, "explain", line).statusCode()).isEqualTo(401);
        assertThat(provider.ledger().totalsByModel()).doesNotContainKey("four");
    }

    private static ConsumerRecord<byte[], byte[]> event(String topic, String key) {
        try (TopicReader reader = fleet.read(topic)) {
            List<ConsumerRecord<byte[], byte[]>> seen =
                    reader.until(
                            "an event of " + key,
                            records -> records.stream().anyMatch(each -> keyed(each, key)));
            List<ConsumerRecord<byte[], byte[]>> mine =
                    seen.stream().filter(each -> keyed(each, key)).toList();
            assertThat(mine).hasSize(1);
            return mine.getFirst();
        }
    }

    private static boolean keyed(ConsumerRecord<byte[], byte[]> record, String key) {
        return new String(record.key(), StandardCharsets.UTF_8).equals(key);
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    private static JsonNode value(ConsumerRecord<byte[], byte[]> record) {
        return JSON.readTree(record.value());
    }

    private static JsonNode lane(String id) throws Exception {
        return pages.json("lanes")
                .at("/lanes")
                .valueStream()
                .filter(each -> each.at("/lane").asString().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static HttpResponse<String> post(@Nullable String token, String body)
            throws IOException, InterruptedException {
        return post(token, "lanes", body);
    }

    private static HttpResponse<String> post(@Nullable String token, String page, String body)
            throws IOException, InterruptedException {
        ManagementPages asked = new ManagementPages(pages.port(), token);
        return asked.send(asked.request(page).POST(HttpRequest.BodyPublishers.ofString(body)));
    }
}
