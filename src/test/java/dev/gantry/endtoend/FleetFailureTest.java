package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.simulator.Call;
import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Chance;
import dev.gantry.simulator.script.Fault;
import dev.gantry.simulator.script.Latency;
import dev.gantry.simulator.script.Refusal;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.MeterReadings;
import dev.gantry.testbed.RequestLines;
import dev.gantry.testbed.TopicReader;
import dev.gantry.testbed.WorkerProcess;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Three worker processes share one topic; one is stopped, one is killed half-way. */
class FleetFailureTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int REQUESTS = 1_200;
    private static final int MAX_IN_FLIGHT = 40;
    private static final Pattern UNCALLED_FOR =
            Pattern.compile(
                    "(?i)partitions lost|leave group|duplicat|hash-key|left out|price|configur|suppli");

    @Test
    void aStoppedWorkerRepeatsNoCallAndAKilledOneOnlyWhatWasUnderWay() throws Exception {
        long seed = Long.getLong("fleet.seed", System.nanoTime() % 1_000_000_000);
        System.out.println("fleet.seed=" + seed);
        try (SimulatedProvider provider = SimulatedProvider.start(script(seed));
                Fleet fleet = fleet(provider);
                WorkerProcess stopped = fleet.startWorker("stopped");
                WorkerProcess killed = fleet.startWorker("killed");
                WorkerProcess survivor = fleet.startWorker("survivor");
                TopicReader results = fleet.read("results")) {
            stopped.awaitPolling();
            killed.awaitPolling();
            survivor.awaitPolling();

            fleet.send(
                    RequestLines.names("r", REQUESTS).stream()
                            .map(each -> RequestLines.chat(each, "model"))
                            .toList());
            results.until("a quarter", seen -> ids(seen).size() >= REQUESTS / 4);
            assertThat(stopped.stop()).as("exit code after SIGTERM").isZero();
            startedAndStoppedQuietly(stopped.output());
            results.until("a half", seen -> ids(seen).size() >= REQUESTS / 2);
            killed.kill();
            List<ConsumerRecord<byte[], byte[]>> ends =
                    results.until("every request ended", seen -> ids(seen).size() == REQUESTS);

            // Leaving in good order says everything that is to be said.
            assertThat(survivor.stop()).isZero();
            assertThat(ids(ends)).hasSize(REQUESTS);
            List<JsonNode> readings = readings(fleet);
            int repeatedByKill = repeats(readings, "killed");
            System.out.println("requests executed again after the kill: " + repeatedByKill);
            assertThat(repeats(readings, "stopped")).as("repeated after SIGTERM").isZero();
            // In flight at the kill, or finished since a commit at most a second before.
            assertThat(repeatedByKill)
                    .isLessThanOrEqualTo(MAX_IN_FLIGHT + finishedWithin(readings));
            meterEqualsLedger(readings, provider.ledger().calls());
        }
    }

    /** A slow machine or the provider may give reason to warn; settings and leaving do not. */
    private static void startedAndStoppedQuietly(String log) {
        assertThat(log)
                .containsPattern("INFO +partitions assigned partitions=\\[")
                .containsPattern("INFO +worker stopped flushed=true");
        assertThat(log.lines().filter(line -> line.matches("[0-9:.]+ (WARN|ERROR) .*")))
                .noneMatch(line -> UNCALLED_FOR.matcher(line).find());
    }

    private static Script script(long seed) {
        Latency mostlyShort = new Latency.Uniform(Duration.ofMillis(20), Duration.ofMillis(250));
        return Script.of(
                        Behaviour.taking(mostlyShort)
                                .with(Chance.of(0.05, Fault.refuse(Refusal.SERVER)))
                                .with(Chance.of(0.03, Fault.refuse(Refusal.OVERLOADED))))
                .seeded(seed);
    }

    private static Fleet fleet(SimulatedProvider provider) {
        return Fleet.create()
                .provider("one", "cloud", provider.baseUrl(), "model")
                .provider("two", "cloud", provider.baseUrl(), "model")
                .with("logging.config", "classpath:logback-shipped.xml")
                .with("gantry.routing.max-attempts", "5")
                .with("gantry.worker.max-in-flight", Integer.toString(MAX_IN_FLIGHT));
    }

    private static Set<String> ids(List<ConsumerRecord<byte[], byte[]>> results) {
        Set<String> ids = new HashSet<>();
        results.forEach(each -> ids.add(JSON.readTree(each.value()).at("/id").asString()));
        return ids;
    }

    /** Per attempt the reading with the greatest version, as finance would merge them. */
    private static List<JsonNode> readings(Fleet fleet) {
        try (TopicReader reader = fleet.read("metering")) {
            return List.copyOf(
                    MeterReadings.last(reader.all().stream().map(ConsumerRecord::value)).values());
        }
    }

    /** Requests that this worker began and another execution began again. */
    private static int repeats(List<JsonNode> readings, String worker) {
        Map<String, Set<String>> executions = new HashMap<>();
        Map<String, Set<String>> workers = new HashMap<>();
        for (JsonNode each : readings) {
            String request = each.at("/request_id").asString();
            executions
                    .computeIfAbsent(request, _ -> new HashSet<>())
                    .add(each.at("/execution").asString());
            workers.computeIfAbsent(request, _ -> new HashSet<>())
                    .add(each.at("/worker").asString());
        }
        return (int)
                executions.entrySet().stream()
                        .filter(each -> each.getValue().size() > 1)
                        .filter(
                                each ->
                                        workers.getOrDefault(each.getKey(), Set.of()).stream()
                                                .anyMatch(name -> name.startsWith(worker + "-")))
                        .count();
    }

    /** Most attempts that the killed worker ended within one second. */
    private static int finishedWithin(List<JsonNode> readings) {
        Map<Long, Integer> perSecond = new HashMap<>();
        for (JsonNode each : readings) {
            boolean killed = each.at("/worker").asString().startsWith("killed-");
            if (killed && each.has("ended_at")) {
                long second = Instant.parse(each.at("/ended_at").asString()).getEpochSecond();
                perSecond.merge(second, 1, Integer::sum);
            }
        }
        return 2 * perSecond.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    }

    /**
     * Every difference sits on an attempt whose cost is unknown or estimated, within its bounds.
     */
    private static void meterEqualsLedger(List<JsonNode> readings, List<Call> calls) {
        Map<String, JsonNode> byAttempt = new HashMap<>();
        readings.forEach(each -> byAttempt.put(each.at("/attempt_id").asString(), each));
        for (Call call : calls) {
            JsonNode reading = byAttempt.remove(call.attemptId());
            assertThat(reading).as("reading of %s", call).isNotNull();
            switch (reading.at("/cost/state").asString()) {
                case "final" -> {
                    assertThat(reading.at("/usage/input_tokens").asLong())
                            .isEqualTo(call.tokens().input());
                    assertThat(reading.at("/usage/output_tokens").asLong())
                            .isEqualTo(call.tokens().output());
                    assertThat(new BigDecimal(reading.at("/cost/amount").asString()))
                            .isEqualByComparingTo(cost(call));
                }
                case "not_billable" -> assertThat(call.billed()).as("%s", call).isFalse();
                default ->
                        assertThat(new BigDecimal(reading.at("/cost/upper_bound").asString()))
                                .isGreaterThanOrEqualTo(
                                        call.billed() ? cost(call) : BigDecimal.ZERO);
            }
        }
        assertThat(byAttempt.values())
                .as("metered, unknown to the provider: only what was never sent, or in doubt")
                .allSatisfy(
                        each ->
                                assertThat(each.at("/cost/state").asString())
                                        .isIn("not_billable", "unknown"));
    }

    private static BigDecimal cost(Call call) {
        BigDecimal million = BigDecimal.valueOf(1_000_000);
        return new BigDecimal("0.25")
                .multiply(BigDecimal.valueOf(call.tokens().input()))
                .add(new BigDecimal("2.00").multiply(BigDecimal.valueOf(call.tokens().output())))
                .divide(million);
    }
}
