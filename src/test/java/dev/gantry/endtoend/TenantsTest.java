package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.launch.Commands;
import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.AnswerShape;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Latency;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.RequestLines;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.context.ConfigurableApplicationContext;

import tools.jackson.databind.JsonNode;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * Topics as tenants, on a broker. Small in the build; the figures are of {@code -Dtenants.bulk=6000
 * -Dtenants.urgent=100 -Dtenants.slots=500 -Dtenants.call=3000}.
 */
@Timeout(300)
class TenantsTest {
    private static final int BULK = Integer.getInteger("tenants.bulk", 300);
    private static final int URGENT = Integer.getInteger("tenants.urgent", 10);
    private static final int SLOTS = Integer.getInteger("tenants.slots", 50);
    private static final int CALL_MILLIS = Integer.getInteger("tenants.call", 300);
    private static final int CAPPED_CALLS = 10;

    @Test
    void aFewUrgentOnesDoNotWaitForTheManyInFrontOfThem() throws Exception {
        // Calls do not all end at once.
        Latency about =
                new Latency.Uniform(
                        Duration.ofMillis(CALL_MILLIS / 2),
                        Duration.ofMillis(CALL_MILLIS + CALL_MILLIS / 2));
        try (SimulatedProvider provider =
                        SimulatedProvider.start(Script.of(Behaviour.FAULTLESS.with(about)));
                Fleet fleet =
                        fleet(provider)
                                .with("gantry.worker.max-in-flight", Integer.toString(SLOTS))
                                .with("gantry.request-topics[1].share", "8")
                                .with("gantry.request-topics[0].share", "2");
                ConfigurableApplicationContext worker = worker(fleet);
                Published published = new Published(fleet)) {
            assertThat(worker.isActive()).isTrue();
            List<String> bulk = fleet.ask("m", "bulk-", BULK);
            // By then slots are freed one by one, and not all in the moment when the first end.
            published.awaitResults(bulk, 2 * SLOTS);
            Instant sent = Instant.now();

            List<String> urgent = send(fleet, "urgent-", URGENT);

            List<JsonNode> few = published.resultsOf(urgent);
            List<JsonNode> many = published.successesOf(bulk);
            assertThat(few)
                    .allMatch(each -> source(each).equals(fleet.topic("urgent")))
                    .allMatch(each -> outcome(each).equals("succeeded"));
            assertThat(many).allMatch(each -> source(each).equals(fleet.topic("requests")));
            Instant last = few.stream().map(TenantsTest::started).max(Instant::compareTo).get();
            long between =
                    many.stream()
                            .map(TenantsTest::started)
                            .filter(each -> each.isAfter(sent) && each.isBefore(last))
                            .count();
            List<Long> waited =
                    few.stream()
                            .map(each -> each.at("/gantry/queued_ms").asLong())
                            .sorted()
                            .toList();
            System.out.printf(
                    "urgent waited p50 %d ms, p95 %d ms; calls of %d ms; bulk begun meanwhile %d%n",
                    waited.get(waited.size() / 2),
                    waited.get((waited.size() * 95 + 99) / 100 - 1),
                    CALL_MILLIS,
                    between);
            // A quarter as many as the urgent ones, a turn at the beginning, and what was let go
            // while they were on their way; far from all that stood before them.
            assertThat(between).isLessThan(BULK / 3);
        }
    }

    @Test
    void eachTopicHasItsOwnBudgetHoweverManyWorkersSpendIt() throws Exception {
        Behaviour exact = Behaviour.FAULTLESS.with(new AnswerShape(50, 0, 0, ""));
        // Fifty tokens at 2 USD a million, ten times, and five times.
        try (SimulatedProvider provider =
                        SimulatedProvider.start(
                                Script.of(exact.with(new Latency.Fixed(Duration.ofMillis(50)))));
                Fleet fleet =
                        fleet(provider)
                                .with("gantry.providers.one.models[0].price.input", "0")
                                .with("gantry.providers.one.models[0].price.cached-input", "0")
                                .with("gantry.request-topics[0].budget.per-day-usd", "0.001")
                                .with("gantry.request-topics[1].budget.per-day-usd", "0.0005")
                                .with("gantry.request-topics[1].stamp.billing.customer", "acme");
                ConfigurableApplicationContext one = worker(fleet);
                ConfigurableApplicationContext other = worker(fleet);
                Published published = new Published(fleet)) {
            assertThat(List.of(one, other)).allMatch(ConfigurableApplicationContext::isActive);
            List<String> bulk = fleet.ask("m", "bulk-", 30);
            List<String> urgent = send(fleet, "urgent-", 30);

            List<JsonNode> ofBulk = published.resultsOf(bulk);
            List<JsonNode> ofUrgent = published.resultsOf(urgent);

            assertThat(succeeded(ofBulk)).isBetween(CAPPED_CALLS - 1, CAPPED_CALLS);
            assertThat(succeeded(ofUrgent)).isBetween(CAPPED_CALLS / 2 - 1, CAPPED_CALLS / 2);
            assertThat(provider.ledger().calls()).hasSize(succeeded(ofBulk) + succeeded(ofUrgent));
            assertThat(ofUrgent)
                    .filteredOn(each -> !outcome(each).equals("succeeded"))
                    .allSatisfy(
                            each -> {
                                assertThat(each.at("/error/code").asString())
                                        .isEqualTo("budget_exceeded");
                                assertThat(each.at("/error/message").asString())
                                        .contains(
                                                "per_day_usd 0.0005",
                                                "topic " + fleet.topic("urgent") + " on ",
                                                "it resets at ",
                                                "T00:00:00Z");
                            });
        }
    }

    private static int succeeded(List<JsonNode> results) {
        return (int) results.stream().filter(each -> outcome(each).equals("succeeded")).count();
    }

    private static String outcome(JsonNode result) {
        return result.at("/gantry/outcome").asString();
    }

    private static String source(JsonNode result) {
        return result.at("/gantry/source_topic").asString();
    }

    private static Instant started(JsonNode result) {
        return Instant.parse(result.at("/gantry/attempts/0/started_at").asString());
    }

    private static Fleet fleet(SimulatedProvider provider) {
        Fleet fleet = Fleet.create().provider("one", "cloud", provider.baseUrl(), "m");
        return fleet.with("gantry.request-topics[0].name", fleet.topic("requests"))
                .with("gantry.request-topics[1].name", fleet.topic("urgent"));
    }

    private static ConfigurableApplicationContext worker(Fleet fleet) {
        return Commands.startWorker(List.of(fleet.arguments()));
    }

    private static List<String> send(Fleet fleet, String stem, int count) throws Exception {
        List<String> names = RequestLines.names(stem, count);
        fleet.sendTo("urgent", names.stream().map(each -> RequestLines.chat(each, "m")).toList());
        return names;
    }
}
