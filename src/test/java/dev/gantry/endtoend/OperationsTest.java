package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.launch.Commands;
import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Latency;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.ManagementPages;
import dev.gantry.testbed.TopicReader;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.ConfigurableApplicationContext;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** What people and programs see of a running worker. */
class OperationsTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    private static SimulatedProvider provider;
    private static Fleet fleet;
    private static ConfigurableApplicationContext worker;
    private static ManagementPages pages;

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
        pages = ManagementPages.of(worker, null);
        pages.awaitReady();
        Await.until("a member", () -> pages.work().at("/degraded").isEmpty());
    }

    @AfterAll
    static void stop() throws IOException {
        worker.close();
        fleet.close();
        provider.close();
    }

    @Test
    void livenessKnowsThePollLoopOnly() throws Exception {
        JsonNode health = pages.json("health/liveness");

        assertThat(health.at("/status").asString()).isEqualTo("UP");
        assertThat(health.at("/components").propertyNames()).containsExactly("pollLoop");
    }

    @Test
    void readinessListsWhatIsDegraded() throws Exception {
        JsonNode health = pages.json("health/readiness");

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

        Await.until(
                "counted",
                () -> pages.text("prometheus").contains("gantry_requests_total{outcome="));

        assertThat(pages.text("prometheus"))
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

    /** Whatever a scraper would like best: the jar holds the text formats only. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,"
                        + "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.3",
                "application/vnd.google.protobuf,text/plain;q=0.5",
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
                "application/openmetrics-text",
                "text/plain",
                "*/*"
            })
    void aScraperGetsText(String accept) throws Exception {
        HttpResponse<String> answer =
                pages.send(pages.request("prometheus").header("Accept", accept));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("gantry_build_info{catalog=");
    }

    @Test
    void nothingButTheManagementPortIsOpened() {
        assertThat(worker.getEnvironment().getProperty("local.server.port")).isEqualTo("-1");
    }

    private static JsonNode oldest() throws Exception {
        return Stream.of(pages.json("intake").at("/partitions"))
                .flatMap(JsonNode::valueStream)
                .map(each -> each.at("/oldest"))
                .filter(JsonNode::isObject)
                .findFirst()
                .orElseGet(JSON::createObjectNode);
    }
}
