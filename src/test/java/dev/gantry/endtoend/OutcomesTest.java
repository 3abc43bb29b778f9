package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.launch.Commands;
import dev.gantry.simulator.Behaviour;
import dev.gantry.simulator.Fault;
import dev.gantry.simulator.Latency;
import dev.gantry.simulator.Refusal;
import dev.gantry.simulator.Script;
import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.TopicReader;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** One worker, two providers, and each way in which a request can end. */
class OutcomesTest {
    private static final JsonMapper JSON = JsonMapper.shared();

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
                                .model("huge", Behaviour.always(new Fault.Oversize(3 << 20))));
        bad = SimulatedProvider.start(Script.of(Behaviour.always(Fault.refuse(Refusal.SERVER))));
        fleet =
                Fleet.create()
                        .provider("first", "frontier", bad.baseUrl(), "shared", "doomed")
                        .provider(
                                "second",
                                "cloud",
                                good.baseUrl(),
                                "shared",
                                "slow",
                                "refuses",
                                "huge")
                        .with("gantry.worker.max-response-size", "2MB");
        worker = Commands.startWorker(List.of(fleet.arguments()));
        results = fleet.read("results");
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
    void anExplicitTierThatDoesNotExistHasNoLane() throws Exception {
        JsonNode result =
                send(
                        "notier",
                        "\"model\":\"shared\"",
                        ",\"gantry\":{\"routing\":{\"tier\":\"moon\"}}");

        assertThat(result.at("/error/code").asString()).isEqualTo("no_lane_available");
        assertThat(result.at("/error/message").asString()).contains("tier (moon)");
    }

    @Test
    void aDeadlineEndsAHangingRequest() throws Exception {
        JsonNode result =
                send(
                        "late",
                        "\"model\":\"slow\"",
                        ",\"gantry\":{\"deadline\":\"%s\"}"
                                .formatted(Instant.now().plusMillis(1500)));

        assertThat(result.at("/error/code").asString()).isEqualTo("batch_expired");
        assertThat(result.at("/gantry/outcome").asString()).isEqualTo("expired");
        assertThat(result.at("/gantry/attempts/0/cost_state").asString()).isEqualTo("unknown");
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
                    letters.until("two dead letters", seen -> seen.size() == 2);
            assertThat(records)
                    .allSatisfy(
                            each ->
                                    assertThat(each.headers().lastHeader("gantry-error-message"))
                                            .isNotNull());
        }
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
