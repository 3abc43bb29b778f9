package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.gantry.launch.Commands;
import dev.gantry.simulator.Call;
import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Latency;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.ManagementPages;
import dev.gantry.testbed.MeterPromises;
import dev.gantry.testbed.MeterReadings;
import dev.gantry.testbed.RequestLines;
import dev.gantry.testbed.TopicReader;
import dev.gantry.testbed.WorkerProcess;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** The configuration is read again while a worker is at work. */
@ExtendWith(OutputCaptureExtension.class)
@ResourceLock(Resources.SYSTEM_OUT)
class CatalogueReloadTest {
    private static final String TOKEN = "op-very-secret-token-4";
    private static final String FIRST_KEY = "sk-first-0123456789abcdef";
    private static final String SECOND_KEY = "sk-second-0123456789fedcba";
    private static final String DEAD_KEY = "sk-dead-0123456789abcdead";
    private static final Duration HELD = Duration.ofSeconds(2);
    private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);
    private static final JsonMapper JSON = JsonMapper.shared();

    @TempDir static Path folder;

    private static SimulatedProvider first;
    private static SimulatedProvider second;
    private static Fleet fleet;
    private static ConfigurableApplicationContext worker;
    private static ManagementPages pages;
    private static Published published;
    private static TopicReader metering;
    private static TopicReader audit;

    @BeforeAll
    static void start() throws Exception {
        Script script =
                Script.of(Behaviour.FAULTLESS)
                        .model("held", Behaviour.taking(new Latency.Fixed(HELD)));
        first = SimulatedProvider.start(script.accepting(FIRST_KEY).accepting(SECOND_KEY));
        second = SimulatedProvider.start(script);
        write(sim(first, FIRST_KEY, "1", "held", "quick", "parked"));
        fleet =
                Fleet.create()
                        .with("spring.config.additional-location", "file:" + file())
                        .with("gantry.operator.token", TOKEN)
                        .with("gantry.worker.drain-timeout", "1s");
        worker = Commands.startWorker(List.of(fleet.arguments()));
        published = new Published(fleet);
        metering = fleet.read("metering");
        audit = fleet.read("audit");
        pages = ManagementPages.of(worker, TOKEN);
        pages.awaitReady();
    }

    @AfterAll
    static void stop() throws IOException {
        Stream.of(published, metering, audit).forEach(CatalogueReloadTest::closed);
        worker.close();
        fleet.close();
        first.close();
        second.close();
    }

    private static void closed(AutoCloseable each) {
        try {
            each.close();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Each test begins with the first file in force. */
    @BeforeEach
    void firstFile() throws Exception {
        write(sim(first, FIRST_KEY, "1", "held", "quick", "parked"));
        assertThat(reload().statusCode()).isEqualTo(200);
    }

    @Test
    void whatIsUnderWayKeepsItsRouteAndWhatBeginsSeesTheNewOne(CapturedOutput output)
            throws Exception {
        long before = first.ledger().begun();
        List<String> held = fleet.ask("held", "held-", 40);
        List<String> load = new ArrayList<>();
        AtomicBoolean enough = new AtomicBoolean();
        Await.until("all are called", () -> first.ledger().begun() >= before + 40);
        write(sim(second, SECOND_KEY, "3", "quick", "new"));
        Instant swapped;
        JsonNode answer;
        try (ExecutorService sender = Executors.newSingleThreadExecutor()) {
            Future<?> sending = sender.submit(() -> sendUntil(enough, load));
            Await.until("the load flows", () -> calls(first, "quick").size() >= 50);
            answer = body(reload());
            swapped = Instant.now();
            Await.until("it flows on", () -> calls(second, "quick").size() >= 50);
            enough.set(true);
            sending.get();
        }
        fleet.send(List.of(RequestLines.chat("latecomer", "held")));
        fleet.send(List.of(RequestLines.chat("newcomer", "new")));

        published.successesOf(held);
        published.successesOf(load);
        published.successesOf(List.of("newcomer"));
        JsonNode late = published.resultsOf(List.of("latecomer")).getFirst();

        assertThat(late.at("/error/code").asString()).isEqualTo("no_lane_available");
        assertThat(texts(answer.at("/lanes/added"))).containsExactly(id("new"));
        assertThat(texts(answer.at("/lanes/removed"))).containsExactly(id("held"), id("parked"));
        assertThat(texts(answer.at("/lanes/changed"))).containsExactly(id("quick"));
        assertThat(texts(answer.at("/settings")))
                .contains(
                        "gantry.providers.sim.instances.main.api-key",
                        "gantry.providers.sim.instances.main.base-url");
        assertThat(answer.at("/outcome").asString()).isEqualTo("changed");
        assertThat(texts(answer.at("/prices")))
                .containsExactly("config:" + answer.at("/catalog").asString());
        assertThat(calls(first, "held")).hasSize(40);
        assertThat(calls(second, "held")).isEmpty();
        assertThat(calls(first, "held")).allMatch(each -> each.started().isBefore(swapped));
        assertThat(calls(first, "quick")).isNotEmpty();
        assertThat(calls(second, "quick")).isNotEmpty();
        Set<String> all = new TreeSet<>(held);
        all.addAll(load);
        all.add("newcomer");
        meterAgreesWithLedgers(all);
        assertThat(pages.json("lanes").at("/lanes").findValuesAsString("lane"))
                .containsExactly(id("quick"), id("new"));
        String metrics = pages.text("prometheus");
        assertThat(metrics)
                .contains("gantry_lane_state{lane=\"" + id("new") + "\"} 0.0")
                .doesNotContain("gantry_lane_state{lane=\"" + id("held"))
                .contains("gantry_build_info{catalog=\"" + answer.at("/catalog").asString())
                .contains("gantry_reloads_total{outcome=\"changed\"}")
                .contains("gantry_reloads_total{outcome=\"refused\"}");
        assertThat(metrics.lines().filter(each -> each.startsWith("gantry_build_info"))).hasSize(1);
        assertThat(answer.toString() + pages.text("lanes") + output.getAll())
                .doesNotContain(FIRST_KEY, SECOND_KEY, TOKEN);
    }

    /** Address, key and price changed at once: a call has all three of one file. */
    private static void meterAgreesWithLedgers(Set<String> requests) {
        Map<String, Call> old = byAttempt(first);
        Map<String, Call> fresh = byAttempt(second);
        Map<String, JsonNode> meters = new HashMap<>();
        metering.until(
                "the final meter of each",
                seen -> {
                    meters.clear();
                    meters.putAll(MeterReadings.last(seen.stream().map(ConsumerRecord::value)));
                    meters.values()
                            .removeIf(
                                    each -> !requests.contains(each.at("/request_id").asString()));
                    return meters.size() >= requests.size()
                            && meters.values().stream()
                                    .allMatch(
                                            each ->
                                                    each.at("/evidence")
                                                            .asString()
                                                            .equals("final"));
                });
        assertThat(meters).hasSize(requests.size());
        meters.forEach(
                (attempt, meter) -> {
                    MeterPromises.check(meter);
                    boolean before = old.containsKey(attempt);
                    Call billed = Objects.requireNonNull((before ? old : fresh).get(attempt));
                    assertThat(before && fresh.containsKey(attempt)).isFalse();
                    assertThat(billed.key()).isEqualTo(before ? "...cdef" : "...dcba");
                    BigDecimal price = new BigDecimal(before ? 1 : 3);
                    BigDecimal cost =
                            price.multiply(
                                            BigDecimal.valueOf(
                                                    billed.tokens().input()
                                                            + 2L * billed.tokens().output()))
                                    .divide(MILLION);
                    assertThat(new BigDecimal(meter.at("/cost/amount").asString()))
                            .as("%s", meter)
                            .isEqualByComparingTo(cost);
                });
    }

    @Test
    void whoWaitsForALaneThatGoesIsRoutedAnew() throws Exception {
        assertThat(post("lanes", "{\"target\":\"sim:main\",\"action\":\"deny\"}").statusCode())
                .isEqualTo(200);
        Await.until("it holds", () -> takesCalls("parked").equals("denied"));
        List<String> moved = fleet.ask("parked", "moved-", 20);
        List<String> stranded = fleet.ask("held", "stranded-", 3);
        Await.until("all wait", () -> pages.json("intake").at("/parked").asInt() == 23);
        write(
                sim(first, FIRST_KEY, "1", "quick")
                        + """
                            other:
                              tier: frontier
                              auth: none
                              instances: {main: {base-url: "%s"}}
                              models: [{id: parked, price: {input: 3, output: 6}}]
                        """
                                .formatted(second.baseUrl()));

        reload();

        List<JsonNode> ends = published.successesOf(moved);
        assertThat(ends)
                .allSatisfy(
                        each ->
                                assertThat(each.at("/gantry/lane").asString())
                                        .isEqualTo("frontier:other:main:inference:parked"))
                .allSatisfy(
                        each ->
                                assertThat(each.at("/gantry/cost_state").asString())
                                        .isEqualTo("final"));
        assertThat(published.resultsOf(stranded))
                .allSatisfy(
                        each ->
                                assertThat(each.at("/error/code").asString())
                                        .isEqualTo("no_lane_available"));
        assertThat(calls(first, "parked")).isEmpty();
        assertThat(takesCalls("quick")).as("what operators did to what stays").isEqualTo("denied");
        post("lanes", "{\"target\":\"sim:main\",\"action\":\"reset\"}");
    }

    @Test
    void whoWaitsBehindADeadKeyGoesOnWithTheNewOne() throws Exception {
        write(sim(first, DEAD_KEY, "1", "quick"));
        reload();
        List<String> waiting = fleet.ask("quick", "behind-", 30);
        Await.until("all wait", () -> pages.json("intake").at("/parked").asInt() == 30);
        write(sim(first, SECOND_KEY, "3", "quick"));
        reload();
        Instant swapped = Instant.now();

        post("lanes", "{\"target\":\"sim:main\",\"action\":\"reset\"}");

        published.successesOf(waiting);
        assertThat(first.ledger().calls())
                .filteredOn(each -> "...dead".equals(each.key()))
                .isNotEmpty()
                .allMatch(each -> each.started().isBefore(swapped));
        Await.until("it is closed", () -> takesCalls("quick").equals("closed"));
    }

    @Test
    void aWrongFileIsRefusedWithTheMessagesOfAStart(CapturedOutput output) throws Exception {
        List<String> lanes = pages.json("lanes").at("/lanes").findValuesAsString("lane");
        int elsewhere = second.ledger().calls().size();
        String catalog = body(reload()).at("/catalog").asString();
        write(
                sim(second, SECOND_KEY, "free", "quick").replace("tier: cloud", "tier: cheap")
                        + "  rooting: {escalate: false}\n");

        HttpResponse<String> answer = reload();

        assertThat(answer.statusCode()).isEqualTo(422);
        JsonNode refusal = body(answer);
        assertThat(refusal.at("/outcome").asString()).isEqualTo("refused");
        assertThat(refusal.at("/catalog").asString()).isEqualTo(catalog);
        assertThat(texts(refusal.at("/mistakes")))
                .anyMatch(
                        each ->
                                each.contains(
                                        "gantry.yml:4: gantry.providers.sim.tier: cheap; allowed is"))
                .anyMatch(
                        each ->
                                each.contains(
                                        "gantry.yml:7: gantry.rooting.escalate: there is no such key"));
        assertThat(answer.body() + output.getAll()).doesNotContain(SECOND_KEY);
        assertThat(pages.json("lanes").at("/lanes").findValuesAsString("lane")).isEqualTo(lanes);
        fleet.send(List.of(RequestLines.chat("unmoved", "quick")));
        published.successesOf(List.of("unmoved"));
        assertThat(second.ledger().calls()).hasSize(elsewhere);
        JsonNode act = act("refused");
        assertThat(act.at("/actor").asString()).isEqualTo("jo");
        assertThat(act.at("/reload/mistakes").toString()).contains("gantry.rooting");
        assertThat(pages.text("prometheus")).contains("gantry_reloads_total{outcome=\"refused\"}");
    }

    @Test
    void aFileThatIsNoYamlIsRefusedAndNotQuoted(CapturedOutput output) throws Exception {
        write(sim(second, SECOND_KEY, "1", "quick") + "  broken: [" + SECOND_KEY + ": x\n");

        HttpResponse<String> answer = reload();

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(texts(body(answer).at("/mistakes")).getFirst())
                .contains("no valid YAML at column ");
        assertThat(answer.body() + output.getAll()).doesNotContain(SECOND_KEY);
    }

    @Test
    void aFileThatIsEmptyLeavesNobodyWithoutLanes() throws Exception {
        write("");

        HttpResponse<String> answer = reload();

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.body())
                .contains("gantry.providers: missing; required is at least one provider");
        assertThat(pages.json("lanes").at("/lanes").size()).isEqualTo(3);
    }

    @Test
    void aSslBundleThatTheStartDidNotReadIsRefused() throws Exception {
        write(
                sim(first, FIRST_KEY, "1", "quick")
                                .replace("http:", "https:")
                                .replace("tier: cloud", "tier: cloud\n      ssl-bundle: late")
                        + "spring.ssl.bundle.pem.late.truststore.certificate: classpath:none.pem\n");

        HttpResponse<String> answer = reload();

        assertThat(answer.statusCode()).isEqualTo(422);
        assertThat(answer.body()).contains("late", "needs a restart");
        assertThat(pages.json("lanes").at("/lanes").size()).isEqualTo(3);
    }

    @Test
    void aPriceFileIsReadAgain() throws Exception {
        Path prices = folder.resolve("prices.json");
        String priced =
                "{\"gpt-4o\": {\"litellm_provider\": \"sim\", \"mode\": \"chat\","
                        + " \"input_cost_per_token\": %s, \"output_cost_per_token\": 0.00001}}";
        String file =
                sim(first, FIRST_KEY, "1", "quick", "parked")
                                .replace("models: [", "models: [{id: gpt-4o}, ")
                        + "  pricing: {catalog: \""
                        + prices
                        + "\"}\n";
        Files.writeString(prices, priced.formatted("0.0000025"));
        write(file);
        JsonNode before = body(reload());
        Files.writeString(prices, priced.formatted("0.000005"));

        JsonNode after = body(reload());

        assertThat(after.at("/outcome").asString()).isEqualTo("changed");
        assertThat(texts(after.at("/lanes/changed"))).containsExactly(id("gpt-4o"));
        assertThat(after.at("/prices")).isNotEqualTo(before.at("/prices"));
        assertThat(texts(after.at("/prices"))).anyMatch(each -> each.startsWith("catalog:"));
        Files.writeString(prices, "{");
        assertThat(reload().body()).contains("gantry.pricing.catalog");
    }

    @Test
    void whatNeedsARestartIsSaid() throws Exception {
        write(
                sim(first, FIRST_KEY, "1", "held", "quick", "parked")
                        + """
                          spool: {max-rows: 4000}
                          topics: {results: not.these}
                        spring:
                          datasource: {hikari: {maximum-pool-size: 7}}
                        """);

        JsonNode answer = body(reload());

        assertThat(answer.at("/outcome").asString()).isEqualTo("unchanged");
        assertThat(texts(answer.at("/needs_restart")))
                .as("the topic is set on the command line, which wins as before")
                .containsExactly(
                        "gantry.spool.max-rows", "spring.datasource.hikari.maximum-pool-size");
    }

    @Test
    void reloadsAtOnceFollowEachOther() throws Exception {
        write(sim(first, FIRST_KEY, "1", "held", "quick", "parked", "another"));
        try (ExecutorService crowd = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<HttpResponse<String>>> answers =
                    IntStream.range(0, 8)
                            .mapToObj(_ -> crowd.submit(CatalogueReloadTest::reload))
                            .toList();
            List<String> outcomes = new ArrayList<>();
            for (Future<HttpResponse<String>> each : answers) {
                outcomes.add(body(each.get()).at("/outcome").asString());
            }

            assertThat(outcomes).filteredOn("changed"::equals).hasSize(1);
            assertThat(outcomes).filteredOn("unchanged"::equals).hasSize(7);
        }
    }

    @Test
    void whatWasDoneIsAudited() throws Exception {
        write(sim(first, FIRST_KEY, "1", "held", "quick", "audited"));

        reload();

        JsonNode act =
                act(
                        "changed",
                        each -> each.at("/reload/lanes/added").toString().contains("audited"));
        assertThat(act.at("/action").asString()).isEqualTo("reload");
        assertThat(act.at("/target").asString()).isEqualTo("catalogue");
        assertThat(act.at("/actor").asString()).isEqualTo("jo");
        assertThat(act.at("/reason").asString()).isEqualTo("a test");
        assertThat(texts(act.at("/reload/lanes/removed"))).containsExactly(id("parked"));
        assertThat(act.toString()).doesNotContain(FIRST_KEY, TOKEN);
    }

    @Test
    void onlyAnOperatorMay() throws Exception {
        ManagementPages anybody = new ManagementPages(pages.port(), null);
        HttpRequest.Builder unnamed = anybody.request("reload").POST(BodyPublishers.noBody());
        HttpRequest.Builder foreign =
                pages.request("reload")
                        .header("Origin", "https://evil.example")
                        .POST(BodyPublishers.noBody());

        assertThat(anybody.send(unnamed).statusCode()).isEqualTo(401);
        assertThat(pages.send(foreign).statusCode()).isEqualTo(403);
        assertThat(post("reload", "{\"file\":\"/etc/passwd\"}").statusCode()).isEqualTo(400);
        assertThat(post("reload", "").statusCode()).isEqualTo(200);
    }

    @Test
    void aSignalDoesTheSameToAWorkerProcess() throws Exception {
        try (Fleet own = Fleet.create();
                WorkerProcess process =
                        own.with("spring.config.additional-location", "file:" + file())
                                .startWorker("sighup")) {
            process.awaitPolling();
            assumeFalse(ignoresHangups(process), "under nohup, which workers inherit");
            write(sim(first, FIRST_KEY, "1", "held", "quick", "signalled"));

            hangUp(process);
            AtomicInteger sent = new AtomicInteger(1);
            Await.until(
                    "it is read again",
                    () -> {
                        // It takes requests before its start is over, and no signal until then.
                        if (process.output().split("SIGHUP while", -1).length > sent.get()) {
                            hangUp(process);
                            sent.incrementAndGet();
                        }
                        return process.output().contains("configuration read again");
                    });
            assertThat(process.output())
                    .contains("SIGHUP", id("signalled"))
                    .doesNotContain(FIRST_KEY);
            write("gantry: {providers: nonsense}\n");
            hangUp(process);
            Await.until(
                    "it is refused",
                    () -> process.output().contains("what was in force stays in force"));
            assertThat(process.stop()).isZero();
        }
    }

    private static void hangUp(WorkerProcess process) throws Exception {
        String pid = Long.toString(process.pid());
        assertThat(new ProcessBuilder("kill", "-HUP", pid).start().waitFor()).isZero();
    }

    /** What ignored SIGHUP when it was started cannot be told by it (Linux). */
    private static boolean ignoresHangups(WorkerProcess process) throws IOException {
        Path status = Path.of("/proc", Long.toString(process.pid()), "status");
        if (!Files.exists(status)) {
            return false;
        }
        try (Stream<String> lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("SigIgn:"))
                    .map(line -> new BigInteger(line.substring("SigIgn:".length()).strip(), 16))
                    .anyMatch(ignored -> ignored.testBit(0));
        }
    }

    private static Path file() {
        return folder.resolve("gantry.yml");
    }

    private static void write(String yaml) throws IOException {
        Files.writeString(file(), yaml);
    }

    /** One provider; output costs twice the input. */
    private static String sim(
            SimulatedProvider provider, String key, String price, String... models) {
        String output =
                price.equals("free") ? price : Integer.toString(2 * Integer.parseInt(price));
        return """
        gantry:
          providers:
            sim:
              tier: cloud
              instances: {main: {base-url: "%s", api-key: "%s"}}
              models: [%s]
        """
                .formatted(
                        provider.baseUrl(),
                        key,
                        Stream.of(models)
                                .map(
                                        each ->
                                                "{id: %s, price: {input: %s, output: %s}}"
                                                        .formatted(each, price, output))
                                .collect(Collectors.joining(", ")));
    }

    private static String id(String model) {
        return "cloud:sim:main:inference:" + model;
    }

    private static Void sendUntil(AtomicBoolean enough, List<String> sent) throws Exception {
        while (!enough.get()) {
            sent.addAll(fleet.ask("quick", "load-" + sent.size() + "-", 10));
        }
        return null;
    }

    private static List<Call> calls(SimulatedProvider provider, String model) {
        return provider.ledger().calls().stream()
                .filter(each -> each.model().equals(model))
                .toList();
    }

    private static Map<String, Call> byAttempt(SimulatedProvider provider) {
        return provider.ledger().calls().stream()
                .collect(Collectors.toMap(each -> String.valueOf(each.attemptId()), each -> each));
    }

    private static JsonNode act(String outcome) {
        return act(outcome, _ -> true);
    }

    private static JsonNode act(String outcome, Predicate<JsonNode> wanted) {
        return audit
                .until(
                        "an act that was " + outcome,
                        seen ->
                                seen.stream()
                                        .anyMatch(each -> acted(each.value(), outcome, wanted)))
                .stream()
                .filter(each -> acted(each.value(), outcome, wanted))
                .map(each -> JSON.readTree(each.value()))
                .findFirst()
                .orElseThrow();
    }

    private static boolean acted(byte[] value, String outcome, Predicate<JsonNode> wanted) {
        JsonNode act = JSON.readTree(value);
        return act.at("/reload/outcome").asString().equals(outcome) && wanted.test(act);
    }

    private static JsonNode lane(String model) throws Exception {
        return pages.json("lanes")
                .at("/lanes")
                .valueStream()
                .filter(each -> each.at("/lane").asString().equals(id(model)))
                .findFirst()
                .orElseThrow();
    }

    private static String takesCalls(String model) throws Exception {
        return lane(model).at("/takes_calls").asString();
    }

    private static List<String> texts(JsonNode array) {
        return array.valueStream().map(JsonNode::asString).toList();
    }

    private static HttpResponse<String> reload() throws IOException, InterruptedException {
        return post("reload", "{\"actor\": \"jo\", \"reason\": \"a test\"}");
    }

    private static HttpResponse<String> post(String path, String body)
            throws IOException, InterruptedException {
        return pages.send(pages.request(path).POST(BodyPublishers.ofString(body)));
    }

    private static JsonNode body(HttpResponse<String> answer) {
        return JSON.readTree(answer.body());
    }
}
