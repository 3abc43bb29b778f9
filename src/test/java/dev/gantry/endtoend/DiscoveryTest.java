package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.fleet.RecordedLane;
import dev.gantry.fleet.RecordedLanes;
import dev.gantry.fleet.SchemaName;
import dev.gantry.launch.Commands;
import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Latency;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.ManagementPages;
import dev.gantry.testbed.RequestLines;
import dev.gantry.testbed.Topic;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Lanes come and go with what two local servers list, while a worker is at work. */
@ExtendWith(OutputCaptureExtension.class)
@ResourceLock(Resources.SYSTEM_OUT)
class DiscoveryTest {
    private static final String KEY = "sk-local-0123456789abcdef";
    private static final String TOKEN = "op-very-secret-token-5";

    private static SimulatedProvider desk;
    private static SimulatedProvider rack;
    private static SimulatedProvider cloud;
    private static Fleet fleet;
    private static ConfigurableApplicationContext worker;
    private static ManagementPages pages;
    private static Published published;

    @BeforeAll
    static void start(CapturedOutput output) throws Exception {
        Behaviour slow = Behaviour.taking(new Latency.Fixed(Duration.ofMillis(500)));
        desk = SimulatedProvider.start(Script.of(Behaviour.FAULTLESS).accepting(KEY));
        rack = SimulatedProvider.start(Script.of(Behaviour.FAULTLESS).model("slow", slow));
        cloud = SimulatedProvider.start(Script.of(Behaviour.FAULTLESS));
        desk.list("llama3:latest");
        rack.list("qwen3:32b");
        fleet =
                Fleet.create()
                        .provider("far", "frontier", cloud.baseUrl(), "llama3")
                        .with("gantry.providers.near.tier", "local")
                        .with("gantry.providers.near.discover", "true")
                        .with("gantry.providers.near.discover-every", "100ms")
                        .with("gantry.providers.near.instances.desk.api-key", KEY)
                        .with(
                                "gantry.providers.near.instances.desk.base-url",
                                desk.baseUrl().toString())
                        .with("gantry.providers.near.instances.rack.api-key", "not-needed")
                        .with(
                                "gantry.providers.near.instances.rack.base-url",
                                rack.baseUrl().toString())
                        .with("gantry.providers.near.models[0].id", "*")
                        .with("gantry.providers.near.models[0].price.input", "0")
                        .with("gantry.providers.near.models[0].price.output", "0")
                        .with("gantry.operator.token", TOKEN);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", fleet.bootstrapServers()))) {
            Topic.make(admin, List.of(new NewTopic(fleet.topic("requests"), 2, (short) 1)));
        }
        fleet.send(List.of(RequestLines.chat("early", "qwen3")));
        rack.goDown();
        worker = Commands.startWorker(List.of(fleet.arguments()));
        Await.until(
                "it waits for the other server",
                () -> output.getAll().contains("waiting for lists of models"));
        rack.comeBack();
        published = new Published(fleet);
        pages = ManagementPages.of(worker, TOKEN);
        pages.awaitReady();
    }

    @AfterAll
    static void stop() throws IOException {
        published.close();
        worker.close();
        fleet.close();
        for (SimulatedProvider each : List.of(desk, rack, cloud)) {
            each.close();
        }
    }

    @BeforeEach
    void asAtTheStart() throws Exception {
        desk.list("llama3:latest");
        rack.list("qwen3:32b");
        awaitLanes("desk:inference:llama3:latest", "rack:inference:qwen3:32b");
    }

    @Test
    void whatCameBeforeServerAndWorkerIsServed() {
        JsonNode early = published.successesOf(List.of("early")).getFirst();

        assertThat(lane(early)).isEqualTo("local:near:rack:inference:qwen3:32b");
        assertThat(early.at("/gantry/cost_usd").asString()).isEqualTo("0");
    }

    @Test
    void theRunningCopyIsPreferredAndTheOtherTakesOver() throws Exception {
        fleet.send(List.of(RequestLines.chat("near", "llama3")));
        assertThat(lane(published.successesOf(List.of("near")).getFirst()))
                .isEqualTo("local:near:desk:inference:llama3:latest");

        act("near:desk", "deny");
        fleet.send(List.of(RequestLines.chat("away", "llama3")));

        assertThat(lane(published.successesOf(List.of("away")).getFirst()))
                .isEqualTo("frontier:far:main:inference:llama3");
        act("near:desk", "reset");
    }

    @Test
    void modelsAppearAndDisappear() throws Exception {
        rack.list("qwen3:32b", "fresh");
        awaitLanes(
                "desk:inference:llama3:latest", "rack:inference:fresh", "rack:inference:qwen3:32b");
        fleet.send(List.of(RequestLines.chat("fresh", "fresh")));
        published.successesOf(List.of("fresh"));
        Await.until(
                "its gauge is there",
                () ->
                        pages.text("prometheus")
                                .contains(
                                        "gantry_lane_state{lane=\"local:near:rack:inference:fresh\"}"));
        assertThat(explained("fresh")).contains("local:near:rack:inference:fresh");

        rack.list("qwen3:32b");
        awaitLanes("desk:inference:llama3:latest", "rack:inference:qwen3:32b");
        fleet.send(List.of(RequestLines.chat("stale", "fresh")));

        JsonNode stale = published.resultsOf(List.of("stale")).getFirst();
        assertThat(stale.at("/error/code").asString()).isEqualTo("no_lane_available");
        Await.until(
                "its gauge is gone",
                () -> !pages.text("prometheus").contains("near:rack:inference:fresh\"}"));
    }

    @Test
    void aCallOnALaneThatGoesEndsAsUsual() throws Exception {
        rack.list("qwen3:32b", "slow");
        awaitLanes(
                "desk:inference:llama3:latest", "rack:inference:qwen3:32b", "rack:inference:slow");
        int before = rack.ledger().calls().size();
        fleet.send(List.of(RequestLines.chat("slow", "slow")));
        Await.until(
                "it is called, or was",
                () ->
                        pages.text("lanes").contains("\"in_flight\":1")
                                || rack.ledger().calls().size() > before);

        rack.list("qwen3:32b");

        published.successesOf(List.of("slow"));
        assertThat(rack.ledger().calls()).hasSize(before + 1);
    }

    @Test
    void aReloadKeepsWhatIsListed() throws Exception {
        JsonNode answer =
                JsonMapper.shared()
                        .readTree(
                                pages.send(pages.request("reload").POST(BodyPublishers.noBody()))
                                        .body());

        assertThat(answer.at("/outcome").asString()).isEqualTo("unchanged");
        assertThat(lanes())
                .contains(
                        "local:near:desk:inference:llama3:latest",
                        "local:near:rack:inference:qwen3:32b");
    }

    /** As the command lists them: workers record their lanes beside their heartbeats. */
    @Test
    void theFleetsListingFollows() throws Exception {
        PGSimpleDataSource database = new PGSimpleDataSource();
        database.setUrl(fleet.property("spring.datasource.url"));
        database.setUser(fleet.property("spring.datasource.username"));
        database.setPassword(fleet.property("spring.datasource.password"));
        RecordedLanes recorded =
                new RecordedLanes(
                        database, new SchemaName(fleet.property("gantry.database.schema")));

        Await.until(
                "its lanes are recorded",
                () ->
                        recorded.read().stream()
                                .map(RecordedLane::lane)
                                .toList()
                                .contains("local:near:desk:inference:llama3:latest"));
    }

    @Test
    void whoWaitsGoesToAModelThatAppears() throws Exception {
        act("near:rack", "deny");
        List<String> waiting = fleet.ask("qwen3", "waiting-", 5);
        Await.until("they wait", () -> pages.json("intake").at("/parked").asInt() == 5);

        desk.list("llama3:latest", "qwen3:32b");

        assertThat(published.successesOf(waiting))
                .allMatch(each -> lane(each).equals("local:near:desk:inference:qwen3:32b"));
        act("near:rack", "reset");
    }

    @Test
    void aServerThatIsAwayKeepsItsLanesAndThePageSaysWhy() throws Exception {
        rack.goDown();
        Await.until(
                "the poll fails, the first one maybe on an old connection",
                () -> discovery("near:rack").at("/reason").asString().contains("refused"));
        JsonNode row = discovery("near:rack");
        assertThat(row.at("/state").asString()).isEqualTo("kept");
        assertThat(row.has("kept_until")).isTrue();
        assertThat(lanes()).contains("local:near:rack:inference:qwen3:32b");
        assertThat(pages.text("lanes")).doesNotContain(KEY);
        rack.comeBack();
        Await.until(
                "it is back",
                () -> discovery("near:rack").at("/state").asString().equals("listed"));
    }

    @Test
    void pollsAreNeitherCallsNorMetered() throws Exception {
        fleet.send(List.of(RequestLines.chat("metered", "llama3")));
        published.successesOf(List.of("metered"));

        assertThat(desk.ledger().calls()).allMatch(each -> each.attemptId() != null);
    }

    private static void awaitLanes(String... near) throws Exception {
        List<String> all = Stream.of(near).map(each -> "local:near:" + each).toList();
        Await.until(
                "lanes " + all,
                () ->
                        lanes().stream()
                                .filter(each -> each.startsWith("local:"))
                                .toList()
                                .equals(all));
    }

    private static List<String> lanes() throws Exception {
        return pages.json("lanes").at("/lanes").findValuesAsString("lane");
    }

    private static JsonNode discovery(String instance) throws Exception {
        return pages.json("lanes")
                .at("/discovery")
                .valueStream()
                .filter(each -> each.at("/instance").asString().equals(instance))
                .findFirst()
                .orElseThrow();
    }

    private static String lane(JsonNode result) {
        return result.at("/gantry/lane").asString();
    }

    private static String explained(String model) throws Exception {
        return pages.send(
                        pages.request("explain")
                                .POST(BodyPublishers.ofString(RequestLines.chat("x", model))))
                .body();
    }

    private static void act(String target, String action) throws Exception {
        String body = "{\"target\":\"%s\",\"action\":\"%s\"}".formatted(target, action);
        assertThat(
                        pages.send(pages.request("lanes").POST(BodyPublishers.ofString(body)))
                                .statusCode())
                .isEqualTo(200);
        String standing = action.equals("deny") ? "denied" : "closed";
        Await.until(
                action + " holds",
                () ->
                        pages.json("lanes")
                                .at("/lanes")
                                .valueStream()
                                .filter(each -> each.at("/lane").asString().contains(target))
                                .allMatch(
                                        each ->
                                                each.at("/takes_calls")
                                                        .asString()
                                                        .equals(standing)));
    }
}
