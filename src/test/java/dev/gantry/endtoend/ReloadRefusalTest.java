package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.launch.Commands;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.ManagementPages;
import dev.gantry.testbed.TopicReader;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.config.MeterFilterReply;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a reload refuses, says and lets be, on a worker that has nothing else to do. */
@ExtendWith(OutputCaptureExtension.class)
@ResourceLock(Resources.SYSTEM_OUT)
class ReloadRefusalTest {
    private static final String TOKEN = "op-very-secret-token-5";
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String LANE = "cloud:sim:main:inference:m";

    private static final String OTHER = "gantry.providers.other";

    @TempDir static Path folder;

    private static Fleet fleet;
    private static ConfigurableApplicationContext worker;
    private static ManagementPages pages;
    private static TopicReader audit;

    @BeforeAll
    static void start() throws Exception {
        write("");
        fleet =
                Fleet.create()
                        .with("spring.config.additional-location", "file:" + file())
                        .with("spring.ssl.bundle.jks.lost.protocol", "NoSuchTls")
                        .with("gantry.operator.token", TOKEN);
        worker = Commands.startWorker(List.of(fleet.arguments()));
        audit = fleet.read("audit");
        pages = ManagementPages.of(worker, TOKEN);
        pages.awaitReady();
    }

    @AfterAll
    static void stop() {
        audit.close();
        worker.close();
        fleet.close();
    }

    /** Each test begins with the first file in force. */
    @BeforeEach
    void firstFile() throws Exception {
        write("");
        assertThat(reload().statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    producer: {acks: 0}                               | spring.kafka.producer.acks: 0; allowed is all
                    producer: {retries: many}                         | spring.kafka.producer.retries: many; allowed is a whole number
                    consumer: {auto-offset-reset: oldest}             | auto.offset.reset
                    properties: {request.timeout.ms: 30000, delivery.timeout.ms: 3000} | delivery.timeout.ms: 3000; allowed is at least
                    """)
    void whatKafkaWouldRefuseAtAStartIsRefused(String keys, String expected) throws Exception {
        double before = refusals();
        write("spring.kafka: {" + keys + "}\n");

        HttpResponse<String> answer = reload();

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(body(answer).at("/mistakes").toString()).contains(expected);
        assertThat(refusals()).isEqualTo(before + 1);
        audited(expected);
    }

    @Test
    void aBundleThatCannotBeLoadedIsRefused(CapturedOutput output) throws Exception {
        write("gantry.providers.sim.ssl-bundle: lost\n");

        HttpResponse<String> answer = reload();

        assertThat(answer.statusCode()).isEqualTo(422);
        String why = "provider sim:main: ssl-bundle lost cannot be loaded";
        assertThat(answer.body()).contains("gantry.providers: " + why);
        assertThat(output.getAll()).contains("what was in force stays in force");
        assertThat(pages.text("lanes")).contains(LANE);
        audited(why);
    }

    @Test
    void whatGoesWrongAfterItIsInForceIsNoRefusal() throws Exception {
        worker.getBean(MeterRegistry.class).config().meterFilter(new NoGaugeOf("cursed"));
        write("gantry.providers.sim.models[1].id: cursed\n");

        HttpResponse<String> answer = reload();

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(body(answer).at("/outcome").asString()).isEqualTo("changed");
        assertThat(body(answer).at("/notices").toString())
                .contains("an error of Gantry's own: java.lang.IllegalArgumentException");
        assertThat(pages.text("lanes")).contains("inference:cursed");
        JsonNode again = body(reload());
        assertThat(again.at("/outcome").asString()).isEqualTo("unchanged");
        assertThat(again.at("/catalog")).isEqualTo(body(answer).at("/catalog"));
    }

    /** Renewed by deleting and writing it: in between, its last key counts. */
    @Test
    void aKeyFileThatIsMissingForAMomentTakesNoLaneAway() throws Exception {
        Files.delete(key());

        JsonNode answer = body(reload());

        assertThat(answer.at("/outcome").asString()).isEqualTo("unchanged");
        assertThat(pages.json("lanes").at("/lanes/0/credentials").asBoolean()).isTrue();
    }

    @Test
    void aPriceFileOfAnotherVersionIsAChangeThoughNoLaneHasAnotherPrice() throws Exception {
        String file =
                "{\"m\": {\"litellm_provider\": \"sim\", \"input_cost_per_token\": 0.000001},"
                        + " \"n\": %s}";
        Path prices = Files.writeString(folder.resolve("prices.json"), file.formatted("{}"));
        String key = "gantry.pricing.catalog: \"" + prices + "\"\n";
        write(key);
        JsonNode before = body(reload());
        Files.writeString(prices, file.formatted("{\"mode\": \"chat\"}"));

        JsonNode after = body(reload());

        assertThat(after.at("/outcome").asString()).isEqualTo("changed");
        assertThat(after.at("/lanes/changed").size()).isZero();
        assertThat(after.at("/prices")).isNotEqualTo(before.at("/prices"));
        assertThat(body(reload()).at("/outcome").asString()).isEqualTo("unchanged");
    }

    @Test
    void circuitsOfAProviderThatIsGoneAreShownApart() throws Exception {
        act("{\"target\": \"sim:main\", \"action\": \"deny\"}");
        Await.until(
                "it holds",
                () -> pages.json("lanes").at("/lanes/0/takes_calls").asString().equals("denied"));
        assertThat(pages.json("lanes").at("/instances/0/circuit").asString()).isEqualTo("sim:main");
        write("");
        Files.writeString(file(), Files.readString(file()).replace("gantry.providers.sim", OTHER));
        assertThat(reload().statusCode()).isEqualTo(200);

        JsonNode page = pages.json("lanes");

        assertThat(page.at("/instances").findValuesAsString("circuit")).doesNotContain("sim:main");
        assertThat(page.at("/unlisted_instances").findValuesAsString("circuit"))
                .contains("sim:main");
        act("{\"target\": \"sim:main\", \"action\": \"reset\"}");
    }

    private static void act(String body) throws Exception {
        var request = pages.request("lanes").POST(BodyPublishers.ofString(body));
        assertThat(pages.send(request).statusCode()).isEqualTo(200);
    }

    /** Somebody's metrics library that does not like a name. */
    private record NoGaugeOf(String model) implements MeterFilter {
        @Override
        public MeterFilterReply accept(Meter.Id id) {
            if (String.valueOf(id.getTag("lane")).endsWith(model)) {
                throw new IllegalArgumentException("a gauge of " + model);
            }
            return MeterFilterReply.NEUTRAL;
        }
    }

    private static void audited(String mistake) {
        audit.until(
                "an audit of the refusal",
                seen ->
                        seen.stream()
                                .map(each -> new String(each.value(), StandardCharsets.UTF_8))
                                .anyMatch(
                                        each ->
                                                each.contains("\"refused\"")
                                                        && each.contains(mistake)));
    }

    private static double refusals() throws Exception {
        return pages.metric("gantry_reloads_total{outcome=\"refused\"}");
    }

    private static Path file() {
        return folder.resolve("gantry.yml");
    }

    private static Path key() {
        return folder.resolve("key");
    }

    private static void write(String more) throws IOException {
        Files.writeString(key(), "sk-in-a-file-0123456789");
        Files.writeString(
                file(),
                """
                gantry.providers.sim:
                  tier: cloud
                  instances: {main: {base-url: "https://localhost:9/v1", api-key-file: "%s"}}
                  models: [{id: m}]
                %s"""
                        .formatted(key(), more));
    }

    private static HttpResponse<String> reload() throws IOException, InterruptedException {
        return pages.send(pages.request("reload").POST(BodyPublishers.noBody()));
    }

    private static JsonNode body(HttpResponse<String> answer) {
        return JSON.readTree(answer.body());
    }
}
