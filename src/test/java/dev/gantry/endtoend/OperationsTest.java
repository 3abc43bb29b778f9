package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.launch.Commands;
import dev.gantry.simulator.Behaviour;
import dev.gantry.simulator.Latency;
import dev.gantry.simulator.Script;
import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.TopicReader;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** What people and programs see of a running worker. */
class OperationsTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static SimulatedProvider provider;
    private static Fleet fleet;
    private static ConfigurableApplicationContext worker;

    @BeforeAll
    static void start() throws Exception {
        provider =
                SimulatedProvider.start(
                        Script.of(Behaviour.FAULTLESS)
                                .model(
                                        "slow",
                                        Behaviour.taking(
                                                new Latency.Fixed(Duration.ofSeconds(30)))));
        fleet =
                Fleet.create()
                        .provider("sim", "cloud", provider.baseUrl(), "fast", "slow")
                        .with("gantry.worker.drain-timeout", "1s");
        worker = Commands.startWorker(List.of(fleet.arguments()));
        Await.until("ready", () -> page("health/readiness").at("/status").asString().equals("UP"));
        Await.until(
                "a member",
                () -> page("health/readiness").at("/components/work/details/degraded").isEmpty());
    }

    @AfterAll
    static void stop() throws IOException {
        worker.close();
        fleet.close();
        provider.close();
    }

    @Test
    void livenessKnowsThePollLoopOnly() throws Exception {
        JsonNode health = page("health/liveness");

        assertThat(health.at("/status").asString()).isEqualTo("UP");
        assertThat(health.at("/components").propertyNames()).containsExactly("pollLoop");
    }

    @Test
    void readinessListsWhatIsDegraded() throws Exception {
        JsonNode health = page("health/readiness");

        assertThat(health.at("/components/work/details/degraded").isArray()).isTrue();
        assertThat(health.at("/components/work/details/degraded").size()).isZero();
    }

    @Test
    void theIntakePageNamesTheOldestUnfinishedRequest() throws Exception {
        fleet.send(
                List.of(
                        "{\"custom_id\":\"holds-up\",\"body\":{\"model\":\"slow\",\"messages\":[]}}"));

        Await.until("shown", () -> oldest().at("/lane").isString());

        assertThat(oldest().at("/request_id").asString()).isEqualTo("holds-up");
        assertThat(oldest().at("/lane").asString()).isEqualTo("cloud:sim:main:inference:slow");
        assertThat(oldest().at("/age_ms").asLong()).isNotNegative();
    }

    @Test
    void theContractsMetricsArePublished() throws Exception {
        fleet.send(
                List.of(
                        "{\"custom_id\":\"counted\",\"body\":{\"model\":\"fast\",\"messages\":[]}}"));
        try (TopicReader results = fleet.read("results")) {
            results.until("answered", seen -> !seen.isEmpty());
        }

        Await.until("counted", () -> text("prometheus").contains("gantry_requests_total{outcome="));

        assertThat(text("prometheus"))
                .contains(
                        "gantry_requests_total{outcome=\"succeeded\"}",
                        "gantry_attempts_total{",
                        "lane=\"cloud:sim:main:inference:fast\"",
                        "gantry_attempt_duration_seconds_count{",
                        "gantry_tokens_total{kind=\"input\"}",
                        "gantry_cost_usd_total",
                        "gantry_backlog",
                        "gantry_in_flight",
                        "gantry_waiting",
                        "gantry_oldest_age_",
                        "gantry_build_info{catalog=\"");
    }

    @Test
    void nothingButTheManagementPortIsOpened() {
        assertThat(worker.getEnvironment().getProperty("local.server.port")).isEqualTo("-1");
    }

    private static JsonNode oldest() throws Exception {
        return Stream.of(page("intake").at("/partitions"))
                .flatMap(JsonNode::valueStream)
                .map(each -> each.at("/oldest"))
                .filter(JsonNode::isObject)
                .findFirst()
                .orElseGet(JSON::createObjectNode);
    }

    private static JsonNode page(String path) throws IOException, InterruptedException {
        return JSON.readTree(text(path));
    }

    private static String text(String path) throws IOException, InterruptedException {
        String port = worker.getEnvironment().getProperty("local.management.port");
        URI uri = URI.create("http://127.0.0.1:" + port + "/actuator/" + path);
        return HTTP.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
