package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gantry.launch.Commands;
import dev.gantry.simulator.Call;
import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.ConnectionEnd;
import dev.gantry.simulator.script.Fault;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.ConsumedRecord;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.MeterReadings;
import dev.gantry.testbed.TopicReader;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

import tools.jackson.databind.JsonNode;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/** One worker whose readers read along, with providers that stream well and badly. */
class StreamingTest {
    private static SimulatedProvider provider;
    private static SimulatedProvider spare;
    private static Fleet fleet;
    private static ConfigurableApplicationContext worker;
    private static Published published;
    private static TopicReader chunks;
    private static TopicReader metering;

    @BeforeAll
    static void start() throws Exception {
        Script faults =
                Script.of(Behaviour.FAULTLESS)
                        .model("breaks", Behaviour.always(new Fault.CutDuring(ConnectionEnd.RESET)))
                        .model(
                                "silent",
                                Behaviour.always(new Fault.CutBefore(ConnectionEnd.RESET, true)));
        provider = SimulatedProvider.start(faults);
        spare = SimulatedProvider.start(Script.of(Behaviour.FAULTLESS));
        fleet =
                Fleet.create()
                        .provider(
                                "one",
                                "cloud",
                                provider.baseUrl(),
                                "good",
                                "breaks",
                                "silent",
                                "responds")
                        .with("gantry.providers.one.models[3].capabilities", "streaming,responses")
                        .provider("two", "cloud", spare.baseUrl(), "breaks", "silent")
                        .with("gantry.providers.two.weight", "50")
                        .with("gantry.providers.one.models[0].capabilities", "streaming")
                        .with("gantry.providers.one.models[1].capabilities", "streaming")
                        .with("gantry.providers.one.models[2].capabilities", "streaming")
                        .with("gantry.providers.two.models[0].capabilities", "streaming")
                        .with("gantry.providers.two.models[1].capabilities", "streaming");
        worker = Commands.startWorker(List.of(fleet.arguments()));
        published = new Published(fleet);
        chunks = fleet.read("chunks");
        metering = fleet.read("metering");
    }

    @AfterAll
    static void stop() throws Exception {
        metering.close();
        chunks.close();
        published.close();
        worker.close();
        fleet.close();
        provider.close();
        spare.close();
    }

    @Test
    void manyStreamsAtOnceKeepTheirOrderAndLoseNothing() throws Exception {
        List<String> ids = IntStream.range(0, 60).mapToObj(each -> "many-" + each).toList();

        fleet.send(ids.stream().map(each -> line(each, "good")).toList());

        List<JsonNode> results = published.successesOf(ids);
        for (JsonNode result : results) {
            List<ConsumedRecord> told = whole(result.at("/custom_id").asString());
            assertThat(told)
                    .extracting(each -> each.headers().get("gantry-attempt-id"))
                    .containsOnly(attempt(result));
            assertThat(told)
                    .extracting(each -> each.headers().get("gantry-sequence"))
                    .containsExactlyElementsOf(
                            IntStream.range(0, told.size()).mapToObj(Integer::toString).toList());
            assertThat(text(told))
                    .isNotEmpty()
                    .isEqualTo(result.at("/response/body/choices/0/message/content").asString());
        }
        Map<String, JsonNode> meters = meters(results);
        for (Call call : provider.ledger().calls()) {
            JsonNode meter = meters.get(String.valueOf(call.attemptId()));
            if (meter != null && call.model().equals("good")) {
                assertThat(meter.at("/usage/source").asString()).isEqualTo("provider");
                assertThat(meter.at("/usage/input_tokens").asLong())
                        .isEqualTo(call.tokens().input());
                assertThat(meter.at("/usage/output_tokens").asLong())
                        .isEqualTo(call.tokens().output());
                assertThat(meter.at("/ttft_ms").isIntegralNumber()).isTrue();
            }
        }
    }

    @Test
    void nobodyTakesOverAfterTheFirstChunk() throws Exception {
        fleet.send(List.of(line("broken", "breaks")));

        List<JsonNode> results = published.resultsOf(List.of("broken"));
        JsonNode result = results.getFirst();
        List<ConsumedRecord> told = whole("broken");
        assertThat(result.at("/error/code").asString()).isEqualTo("escalation_exhausted");
        assertThat(result.at("/gantry/attempts")).hasSize(1);
        assertThat(told.getLast().at("/error/type")).isEqualTo("network");
        assertThat(text(told)).isNotEmpty();
        JsonNode meter = Objects.requireNonNull(meters(results).get(attempt(result)));
        assertThat(meter.at("/usage/source").asString()).isEqualTo("estimated");
        assertThat(meter.at("/usage/output_tokens").asLong()).isPositive();
        assertThat(meter.at("/cost/state").asString()).isEqualTo("estimated");
        assertThat(new BigDecimal(meter.at("/cost/upper_bound").asString()))
                .isGreaterThanOrEqualTo(new BigDecimal(meter.at("/cost/amount").asString()));
    }

    @Test
    void anotherLaneTakesOverBefore() throws Exception {
        fleet.send(List.of(line("rescued", "silent")));

        JsonNode result = published.successesOf(List.of("rescued")).getFirst();
        List<ConsumedRecord> told = whole("rescued");
        assertThat(result.at("/gantry/lane").asString()).contains(":two:");
        JsonNode attempts = result.at("/gantry/attempts");
        assertThat(told)
                .extracting(each -> each.headers().get("gantry-attempt-id"))
                .containsOnly(attempts.get(attempts.size() - 1).at("/attempt_id").asString());
    }

    @Test
    void eventsOfTheResponsesApiAreTold() throws Exception {
        fleet.send(
                List.of(
                        """
                        {"custom_id": "responded", "url": "/v1/responses", "body": {"model": "responds", \
                        "stream": true, "input": "Hi"}}"""));

        JsonNode result = published.successesOf(List.of("responded")).getFirst();
        List<ConsumedRecord> told = whole("responded");
        StringBuilder text = new StringBuilder();
        told.subList(1, told.size() - 1).forEach(each -> text.append(each.at("/delta")));
        assertThat(told.getFirst().at("/type")).isEqualTo("response.created");
        assertThat(told.getLast().at("/type")).isEqualTo("response.completed");
        assertThat(text.toString())
                .isNotEmpty()
                .isEqualTo(result.at("/response/body/output/0/content/0/text").asString());
        JsonNode meter = Objects.requireNonNull(meters(List.of(result)).get(attempt(result)));
        assertThat(meter.at("/usage/source").asString()).isEqualTo("provider");
        assertThat(meter.at("/ttft_ms").isIntegralNumber()).isTrue();
    }

    @Test
    void chunksOfACompletionAreTold() throws Exception {
        fleet.send(
                List.of(
                        """
                        {"custom_id": "gone-on", "url": "/v1/completions", "body": {"model": "good", \
                        "stream": true, "stream_options": {"include_usage": true}, "n": 2, \
                        "prompt": "Once", "max_tokens": 30}}"""));

        JsonNode result = published.successesOf(List.of("gone-on")).getFirst();
        List<ConsumedRecord> told = whole("gone-on");
        for (int choice = 0; choice < 2; choice++) {
            StringBuilder text = new StringBuilder();
            for (ConsumedRecord each : told) {
                boolean own = each.at("/choices/0/index").equals(Integer.toString(choice));
                text.append(own ? each.at("/choices/0/text") : "");
            }
            assertThat(text.toString())
                    .isNotEmpty()
                    .isEqualTo(
                            result.at("/response/body/choices/%d/text".formatted(choice))
                                    .asString());
        }
        assertThat(told).extracting(each -> each.at("/object")).containsOnly("text_completion");
        assertThat(told.getLast().at("/usage/completion_tokens")).isEqualTo("60");
        assertThat(result.at("/response/body/usage/completion_tokens").asInt()).isEqualTo(60);
    }

    private static String line(String id, String model) {
        return """
        {"custom_id": "%1$s", "body": {"model": "%2$s", "stream": true, "max_tokens": 60, \
        "messages": [{"role": "user", "content": "Tell %1$s a story"}]}}"""
                .formatted(id, model);
    }

    private static String attempt(JsonNode result) {
        return result.at("/gantry/attempts/0/attempt_id").asString();
    }

    /** All chunks of a request, once the last one is there. */
    private static List<ConsumedRecord> whole(String request) {
        return of(
                request,
                chunks.until(
                        "the last chunk of " + request,
                        seen -> of(request, seen).stream().anyMatch(StreamingTest::last)));
    }

    private static boolean last(ConsumedRecord chunk) {
        return chunk.headers().containsKey("gantry-last");
    }

    private static List<ConsumedRecord> of(
            String request, List<ConsumerRecord<byte[], byte[]>> seen) {
        List<ConsumedRecord> own = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> each : seen) {
            if (new String(each.key(), UTF_8).equals(request)) {
                own.add(ConsumedRecord.of(each));
            }
        }
        return own;
    }

    private static String text(List<ConsumedRecord> told) {
        StringBuilder text = new StringBuilder();
        told.forEach(each -> text.append(each.at("/choices/0/delta/content")));
        return text.toString();
    }

    /** The meter's last word on the first attempt of each. */
    private static Map<String, JsonNode> meters(List<JsonNode> results) {
        Map<String, JsonNode> ended = new HashMap<>();
        metering.until(
                "the meter's last word",
                seen -> {
                    MeterReadings.last(seen.stream().map(ConsumerRecord::value))
                            .forEach(
                                    (attempt, meter) -> {
                                        if (meter.has("ended_at")) {
                                            ended.put(attempt, meter);
                                        }
                                    });
                    return results.stream().allMatch(each -> ended.containsKey(attempt(each)));
                });
        return ended;
    }
}
