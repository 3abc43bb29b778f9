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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What people and programs see of a running worker. */
class OperationsTest {
    private static final JsonMapper JSON = JsonMapper.shared();

    private static final Path PAPER = Path.of("src/docs/operate.md");
    private static final Pattern HELP = Pattern.compile("(?m)^# HELP (gantry_\\w+) (.*)$");
    private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (gantry_\\w+) (.*)$");
    private static final Pattern LABEL = Pattern.compile("[{,](\\w+)=\"");

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
                                                new Latency.Fixed(Duration.ofMinutes(10)))));
        fleet =
                Fleet.create()
                        .provider("sim", "cloud", provider.baseUrl(), "fast", "slow")
                        .with("gantry.providers.sim.models[0].capabilities", "streaming")
                        .with("gantry.providers.sim.models[0].limits.max-concurrent", "100")
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
        Await.until(
                "nothing is",
                () -> {
                    JsonNode degraded = pages.work().at("/degraded");
                    return degraded.isArray() && degraded.isEmpty();
                });
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
                        "{\"custom_id\":\"counted\",\"body\":{\"model\":\"fast\",\"messages\":[],\"stream\":true}}"));
        try (TopicReader results = fleet.read("results")) {
            results.until("answered", seen -> !seen.isEmpty());
        }

        String counted =
                "gantry_requests_total{outcome=\"succeeded\",topic=\"%s\"} 1.0"
                        .formatted(fleet.topic("requests"));
        Await.until("counted", () -> pages.text("prometheus").contains(counted));

        String page = pages.text("prometheus");
        String lane = "{lane=\"cloud:sim:main:inference:fast\",model=\"fast\",";
        assertThat(page)
                .contains(
                        "gantry_limit{dimension=\"max-concurrent\",scope=\"sim:main:inference:fast\","
                                + "source=\"configured\"} 100.0",
                        "gantry_attempts_total"
                                + lane
                                + "outcome=\"succeeded\",provider=\"sim\"} 1.0",
                        "gantry_tokens_total{kind=\"input\"," + lane.substring(1),
                        "gantry_cost_usd_total{kind=\"output_text\"," + lane.substring(1),
                        "gantry_cost_at_risk_usd_total" + lane);
        thePaperAndThePageAgree(page);
    }

    /** Names, labels and a meaning, in both directions. */
    private static void thePaperAndThePageAgree(String page) throws IOException {
        Map<String, String> rows = documentedMetrics();
        Map<String, String> help = found(HELP, page);
        Map<String, String> types = found(TYPE, page);
        types.keySet().removeIf(name -> name.endsWith("_seconds_max")); // a histogram has one

        assertThat(types.keySet())
                .as("metrics that a worker shows, and have no row in \"Metrics\" of %s", PAPER)
                .isSubsetOf(rows.keySet());
        assertThat(rows.keySet())
                .as(
                        "metrics of %s that no worker shows: they are to be there from its start",
                        PAPER)
                .isSubsetOf(types.keySet());
        assertThat(types.keySet())
                .as("metrics without a text under HELP: give the meter a description")
                .allMatch(name -> help.getOrDefault(name, "").contains(" "));
        for (String line : page.lines().filter(each -> each.startsWith("gantry_")).toList()) {
            String name = line.replaceFirst("(_bucket|_count|_sum|_max)?[{ ].*", "");
            LABEL.matcher(line)
                    .results()
                    .map(each -> each.group(1))
                    .filter(label -> !label.equals("le"))
                    .forEach(
                            label ->
                                    assertThat(rows.get(name))
                                            .as("the row of %s in %s", name, PAPER)
                                            .contains("`" + label + "`"));
        }
    }

    /** The rows of the table, by the names in their first columns. */
    private static Map<String, String> documentedMetrics() throws IOException {
        String paper = Files.readString(PAPER);
        int start = paper.indexOf("### Metrics");
        Map<String, String> rows = new TreeMap<>();
        paper.substring(start, paper.indexOf("\n### ", start))
                .lines()
                .filter(line -> line.startsWith("| `gantry_"))
                .forEach(
                        row ->
                                Pattern.compile("`(gantry_[a-z_]+)`")
                                        .matcher(row.split("\\|", -1)[1])
                                        .results()
                                        .forEach(each -> rows.put(each.group(1), row)));
        return rows;
    }

    private static Map<String, String> found(Pattern pattern, String page) {
        Map<String, String> found = new TreeMap<>();
        pattern.matcher(page).results().forEach(each -> found.put(each.group(1), each.group(2)));
        return found;
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
