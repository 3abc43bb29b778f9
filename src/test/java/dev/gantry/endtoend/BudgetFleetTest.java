package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;

import dev.gantry.fleet.SchemaName;
import dev.gantry.launch.Commands;
import dev.gantry.observe.WorkHealth;
import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.AnswerShape;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Latency;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.RequestLines;
import dev.gantry.testbed.SharedDatabase;
import dev.gantry.testbed.TopicReader;
import dev.gantry.testbed.WorkerProcess;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;

/**
 * Sixty requests at once on three workers, in sessions that may make ten calls: an answer costs
 * what was projected, to the last digit.
 */
class BudgetFleetTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int REQUESTS = 60;
    private static final int CALLS = 10;

    /** Fifty tokens at 2 USD a million, ten times. */
    private static final BigDecimal CAP = new BigDecimal("0.001");

    @Test
    void neverMakeMoreCallsThanTheCapAllowsAlsoWhenTheLedgerHangsOrOneIsKilled() throws Exception {
        try (SimulatedProvider provider = SimulatedProvider.start(script());
                Fleet fleet = fleet(provider);
                WorkerProcess killed = fleet.startWorker("capped");
                ConfigurableApplicationContext one = worker(fleet);
                ConfigurableApplicationContext other = worker(fleet);
                Published published = new Published(fleet)) {
            assertThat(List.of(one, other)).allMatch(ConfigurableApplicationContext::isActive);
            killed.awaitPolling();

            List<String> calm = send(fleet, "calm", "calm", "'budget': {'session_usd': '0.001'}");
            List<JsonNode> results = published.resultsOf(calm);

            assertThat(calls(provider, "calm")).isBetween(CALLS - 1, CALLS);
            assertThat(succeeded(results)).isEqualTo(calls(provider, "calm"));
            assertThat(results)
                    .allSatisfy(
                            each ->
                                    assertThat(text(each, "/error/code"))
                                            .isIn("", "budget_exceeded"));
            assertThat(spent(fleet, "calm")).isBetween(CAP.multiply(new BigDecimal("0.9")), CAP);

            List<String> held;
            try (HikariDataSource pool = SharedDatabase.pool(1);
                    Connection lock = pool.getConnection()) {
                lock.setAutoCommit(false);
                JdbcClient.create(new SingleConnectionDataSource(lock, true))
                        .sql(schema(fleet).in("lock table ${schema}.budget_session"))
                        .update();
                held = send(fleet, "calm", "held", "'budget': {'session_usd': '1'}");

                published.successesOf(fleet.ask("calm", "free-", 12));

                Await.until(
                        "readiness says so",
                        () ->
                                degraded(one).contains("the budget ledger does not answer")
                                        || degraded(other)
                                                .contains("the budget ledger does not answer"));
                assertThat(calls(provider, "calm")).isLessThanOrEqualTo(CALLS + 12);
                lock.rollback();
            }
            published.successesOf(held);

            long before = provider.ledger().begun();
            List<String> torn = send(fleet, "torn", "torn", "'routing': {'policy': 'capped'}");
            Await.until(
                    "as many are called as may be",
                    () -> provider.ledger().begun() >= before + CALLS - 1);
            killed.kill();
            List<JsonNode> left = published.resultsOf(torn);

            // Not of all calls: others' may be repeated whose ends the dead worker had not
            // committed.
            Await.until("all have ended", () -> provider.ledger().underWay() == 0);
            assertThat(calls(provider, "torn")).isBetween(CALLS - 1, CALLS);
            assertThat(succeeded(left)).isBetween(1, CALLS);
            // What the dead worker's calls may have cost is not given to others.
            assertThat(spent(fleet, "torn")).isBetween(CAP.multiply(new BigDecimal("0.9")), CAP);
            tellsOfTheCap(fleet);
        }
    }

    private static String degraded(ConfigurableApplicationContext worker) {
        var details = worker.getBean(WorkHealth.class).health().getDetails();
        return String.valueOf(details.get("degraded"));
    }

    private static void tellsOfTheCap(Fleet fleet) {
        try (TopicReader routing = fleet.read("routing")) {
            ConsumerRecord<byte[], byte[]> record =
                    routing.all().stream()
                            .filter(each -> header(each, "ce_type").contains("budget_exceeded"))
                            .filter(each -> header(each, "ce_label").equals("acme.budget"))
                            .findFirst()
                            .orElseThrow();
            JsonNode event = JSON.readTree(record.value());
            assertThat(text(event, "/kind")).isEqualTo("session_usd");
            assertThat(text(event, "/limit")).isEqualTo("0.001");
            assertThat(text(event, "/projected")).isEqualTo("0.0001");
            assertThat(text(event, "/session")).isEqualTo("0.001");
            assertThat(text(event, "/on_exceed")).isEqualTo("skip");
            assertThat(text(event, "/policy")).isEqualTo("capped");
            assertThat(text(event, "/link_label")).isEqualTo("only");
            assertThat(event.at("/output_tokens").asInt()).isEqualTo(50);
        }
    }

    private static Script script() {
        Behaviour exact = Behaviour.FAULTLESS.with(new AnswerShape(50, 0, 0, ""));
        return Script.of(exact)
                .model("calm", exact.with(new Latency.Fixed(Duration.ofMillis(100))))
                .model("torn", exact.with(new Latency.Fixed(Duration.ofSeconds(2))));
    }

    private static Fleet fleet(SimulatedProvider provider) {
        Fleet fleet =
                Fleet.create()
                        // Fewer than what waits for the ledger.
                        .with("gantry.worker.max-in-flight", "8")
                        .with("spring.kafka.consumer.max-poll-records", "8")
                        .provider("one", "cloud", provider.baseUrl(), "calm", "torn")
                        .with("gantry.policies.capped.chain[0].provider", "one")
                        .with("gantry.policies.capped.chain[0].model", "torn")
                        .with("gantry.policies.capped.chain[0].label", "only")
                        .with("gantry.policies.capped.budget.session-usd", "0.001")
                        .with("gantry.policies.capped.budget.on-exceed", "skip")
                        .with("gantry.policies.capped.observe.emit-event", "acme.budget");
        for (int model = 0; model < 2; model++) {
            String price = "gantry.providers.one.models[%d].price.".formatted(model);
            fleet.with(price + "input", "0").with(price + "cached-input", "0");
        }
        return fleet;
    }

    private static ConfigurableApplicationContext worker(Fleet fleet) {
        return Commands.startWorker(List.of(fleet.arguments()));
    }

    private static List<String> send(Fleet fleet, String model, String session, String more)
            throws Exception {
        List<String> names = RequestLines.names(session + "-", REQUESTS);
        String gantry =
                ", 'gantry': {'session_id': '%s', %s}}".formatted(session, more).replace('\'', '"');
        fleet.send(
                names.stream()
                        .map(each -> RequestLines.chat(each, model))
                        .map(line -> line.substring(0, line.length() - 1) + gantry)
                        .toList());
        return names;
    }

    private static int calls(SimulatedProvider provider, String model) {
        return (int)
                provider.ledger().calls().stream()
                        .filter(each -> each.model().equals(model))
                        .count();
    }

    private static int succeeded(List<JsonNode> results) {
        return (int)
                results.stream()
                        .filter(each -> text(each, "/gantry/outcome").equals("succeeded"))
                        .count();
    }

    /** Set aside, too. */
    private static BigDecimal spent(Fleet fleet, String session) {
        try (HikariDataSource pool = SharedDatabase.pool(1)) {
            return JdbcClient.create(pool)
                    .sql(
                            schema(fleet)
                                    .in(
                                            """
                                    select spent + reserved from ${schema}.budget_session
                                    where session = :session
                                    """))
                    .param("session", session)
                    .query(BigDecimal.class)
                    .single();
        }
    }

    private static SchemaName schema(Fleet fleet) {
        return new SchemaName(fleet.property("gantry.database.schema"));
    }

    private static String text(JsonNode node, String path) {
        return node.at(path).asString("");
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        var header = record.headers().lastHeader(name);
        return header == null ? "" : new String(header.value(), StandardCharsets.UTF_8);
    }
}
