package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.launch.Commands;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.TopicReader;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.springframework.context.ConfigurableApplicationContext;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What providers really answer and callers really ask, through one real worker: result, meter and
 * circuits of each. Every case has a provider of its own.
 */
class FieldAnswersTest {
    static final List<FieldCase> CASES =
            Stream.of("answers.jsonl", "requests.jsonl")
                    .flatMap(file -> FieldCase.read(file).stream())
                    .toList();

    private static final JsonMapper JSON = JsonMapper.shared();

    /** Its circuit opens last: what the others opened has been told by then. */
    private static final FieldCase LAST =
            new FieldCase(
                    "last",
                    JSON.readTree(
                            "{\"id\":\"last\",\"kind\":\"answer\",\"status\":402,\"body\":\"{}\"}"));

    private static FieldServer server;
    private static Fleet fleet;
    private static ConfigurableApplicationContext worker;
    private static TopicReader results;
    private static TopicReader metering;
    private static List<JsonNode> circuits;

    @BeforeAll
    static void start() throws Exception {
        List<FieldCase> all = Stream.concat(CASES.stream(), Stream.of(LAST)).toList();
        server = new FieldServer(all);
        fleet = Fleet.create().with("gantry.worker.drain-timeout", "1s");
        for (FieldCase each : all) {
            fleet.provider(each.provider(), "cloud", server.baseUrl(each), FieldCase.MODEL)
                    .with("gantry.providers." + each.provider() + ".vendor", each.vendor());
            each.model()
                    .forEach(
                            (key, value) ->
                                    fleet.with(
                                            "gantry.providers."
                                                    + each.provider()
                                                    + ".models[0]."
                                                    + key,
                                            value));
        }
        worker = Commands.startWorker(List.of(fleet.arguments()));
        results = fleet.read("results");
        metering = fleet.read("metering");
        fleet.sendBytes(CASES.stream().map(FieldCase::line).toList());
        metering.until(
                "every case's first attempt",
                seen -> CASES.stream().allMatch(each -> begun(each, seen)));
        fleet.sendBytes(List.of(LAST.line()));
        circuits = opened();
    }

    @AfterAll
    static void stop() throws Exception {
        results.close();
        metering.close();
        worker.close();
        fleet.close();
        server.close();
    }

    @ParameterizedTest
    @FieldSource("CASES")
    void comesToWhatItIs(FieldCase each) {
        JsonNode reading = reading(each, metering.all());

        assertThat(reading).as("metering of %s", each).isNotNull();
        meets(each, "kind", reading.path("error_kind").asString("-"));
        meets(each, "inp", reading.at("/usage/input_tokens").asString());
        meets(each, "out", reading.at("/usage/output_tokens").asString());
        meets(each, "cost", reading.at("/cost/state").asString());
        if (each.wanted("code") != null) {
            meets(each, "code", code(result(each)));
        }
        for (String text : each.wantedTexts("holds")) {
            assertThat(result(each).toString()).contains(text);
        }
    }

    @ParameterizedTest
    @FieldSource("CASES")
    void opensNoMoreThanItMay(FieldCase each) {
        List<String> opened =
                circuits.stream()
                        .filter(circuit -> provider(circuit).equals(each.provider()))
                        .map(circuit -> circuit.path("circuit").asString())
                        .toList();

        switch (each.wanted("opens")) {
            case "none" -> assertThat(opened).isEmpty();
            case "lane" -> assertThat(opened).allMatch(circuit -> circuit.endsWith(":mm"));
            case null, default -> {}
        }
    }

    @ParameterizedTest
    @FieldSource("CASES")
    void reachesTheServerAsItShould(FieldCase each) {
        assertThat(server.bodies(each)).isNotEmpty();

        String body = server.bodies(each).getFirst();
        for (String text : each.wantedTexts("sent")) {
            assertThat(body).contains(text);
        }
        for (String text : each.wantedTexts("unsent")) {
            assertThat(body).doesNotContain(text);
        }
        assertThat(server.targets(each).getFirst()).endsWith(each.query());
    }

    private static void meets(FieldCase each, String what, String actual) {
        String wanted = each.wanted(what);
        if (wanted != null) {
            assertThat(actual).as("%s of %s", what, each).isEqualTo(wanted);
        }
    }

    private static String code(JsonNode result) {
        JsonNode status = result.at("/response/status_code");
        return status.isNumber() ? status.asString() : result.at("/error/code").asString();
    }

    private static JsonNode result(FieldCase each) {
        results.until("a result of " + each, seen -> find(each, seen) != null);
        JsonNode result = find(each, results.all());
        assertThat(result).isNotNull();
        return result;
    }

    private static @Nullable JsonNode find(
            FieldCase each, List<ConsumerRecord<byte[], byte[]>> seen) {
        return values(seen)
                .filter(result -> result.path("custom_id").asString().equals(each.id()))
                .findFirst()
                .orElse(null);
    }

    /** Metered, or ended without a call, which its test will tell. */
    private static boolean begun(FieldCase each, List<ConsumerRecord<byte[], byte[]>> metered) {
        return reading(each, metered) != null || find(each, results.all()) != null;
    }

    private static boolean endsFirstAttempt(JsonNode reading) {
        return reading.path("attempt_no").asInt() == 1
                && reading.path("version").asInt() > 10000000;
    }

    private static @Nullable JsonNode reading(
            FieldCase each, List<ConsumerRecord<byte[], byte[]>> metered) {
        return values(metered)
                .filter(FieldAnswersTest::endsFirstAttempt)
                .filter(reading -> provider(reading).equals(each.provider()))
                .findFirst()
                .orElse(null);
    }

    private static List<JsonNode> opened() {
        List<JsonNode> opened = new ArrayList<>();
        try (TopicReader routing = fleet.read("routing")) {
            routing.until(
                    "the last circuit",
                    seen ->
                            values(seen)
                                    .anyMatch(
                                            each ->
                                                    provider(each).equals(LAST.provider())
                                                            && each.has("circuit")));
            values(routing.all()).filter(each -> each.has("circuit")).forEach(opened::add);
        }
        return opened;
    }

    private static String provider(JsonNode event) {
        return event.path("provider").asString();
    }

    private static Stream<JsonNode> values(List<ConsumerRecord<byte[], byte[]>> seen) {
        return seen.stream()
                .map(each -> JSON.readTree(new String(each.value(), StandardCharsets.UTF_8)));
    }
}
