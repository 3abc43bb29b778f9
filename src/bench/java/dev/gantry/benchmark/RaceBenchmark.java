package dev.gantry.benchmark;

import dev.gantry.simulator.Call;
import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.BrokerProcess;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** What a race makes of a lane of which 5 % of the calls take 10 s. Checks nothing. */
class RaceBenchmark {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int SECONDS = Integer.getInteger("seconds", 40);
    private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);

    /** With and without a race: percentiles of took_ms, calls ÷ requests, meter against ledger. */
    @Test
    void tail() throws Exception {
        String usual = "{\"uniform\": {\"from\": \"100ms\", \"to\": \"400ms\"}}";
        String slow =
                "{\"mixture\": [{\"weight\": 5, \"latency\": \"10s\"}, {\"weight\": 95, \"latency\": %s}]}"
                        .formatted(usual);
        try (BrokerProcess broker = BrokerProcess.start();
                SimulatedProvider primary = provider(slow);
                SimulatedProvider backup = provider(usual);
                Fleet fleet =
                        Fleet.createOn(broker.bootstrapServers())
                                .provider("primary", "cloud", primary.baseUrl(), "model")
                                .provider("backup", "cloud", backup.baseUrl(), "model");
                WorkerProcess worker = policies(fleet).startWorker("race", List.of("-Xmx1g"));
                TopicReader results = fleet.read("results");
                TopicReader metering = fleet.read("metering")) {
            worker.awaitPolling();
            int sent = 0;
            for (String policy : List.of("patient", "patient", "raced")) {
                boolean warmUp = sent == 0;
                primary.reset();
                backup.reset();
                int from = sent;
                List<String> ids = new ArrayList<>();
                OpenLoop.send(fleet, warmUp ? 10 : SECONDS, () -> List.of(line(ids, from, policy)));
                sent += ids.size();
                int all = sent;
                List<JsonNode> took =
                        results.until("all", seen -> seen.size() >= all).stream()
                                .skip(from)
                                .map(ConsumerRecord::value)
                                .map(JSON::readTree)
                                .toList();
                primary.ledger().awaitQuiet(Duration.ofSeconds(15));
                List<Call> calls =
                        Stream.of(primary, backup)
                                .flatMap(each -> each.ledger().calls().stream())
                                .toList();
                if (!warmUp) {
                    report(policy, took, calls, metering);
                }
            }
        }
    }

    private static String line(List<String> ids, int from, String policy) {
        String id = "r-" + (from + ids.size());
        ids.add(id);
        return RequestLines.byPolicy(id, policy);
    }

    private static Fleet policies(Fleet fleet) {
        for (String policy : List.of("patient", "raced")) {
            String key = "gantry.policies." + policy + ".";
            fleet.with(key + "chain[0]", "primary:model").with(key + "chain[1]", "backup:model");
        }
        return fleet.with("gantry.policies.raced.latency.race-after-ms", "500");
    }

    private static void report(
            String policy, List<JsonNode> results, List<Call> calls, TopicReader metering)
            throws Exception {
        long[] took = results.stream().mapToLong(RaceBenchmark::took).sorted().toArray();
        Map<String, JsonNode> meters =
                MeterReadings.last(metering.all().stream().map(ConsumerRecord::value));
        long agreed = calls.stream().filter(each -> agrees(each, meters)).count();
        System.out.printf(
                Locale.ROOT,
                "%s: %d requests, took p50 %d ms, p95 %d ms, p99 %d ms, most %d ms; calls/requests"
                        + " %.3f; meter = ledger for %d of %d calls%n",
                policy,
                took.length,
                took[took.length / 2],
                took[took.length * 95 / 100],
                took[took.length * 99 / 100],
                took[took.length - 1],
                calls.size() / (double) took.length,
                agreed,
                calls.size());
    }

    private static long took(JsonNode result) {
        return result.at("/gantry/took_ms").asLong();
    }

    /** The same tokens where the meter is sure, within the bound where it is not. */
    private static boolean agrees(Call call, Map<String, JsonNode> meters) {
        JsonNode meter = meters.get(String.valueOf(call.attemptId()));
        if (meter == null) {
            return false;
        }
        if (meter.at("/cost/state").asString().equals("final")) {
            return meter.at("/usage/input_tokens").asLong() == call.tokens().input()
                    && meter.at("/usage/output_tokens").asLong() == call.tokens().output();
        }
        BigDecimal billed =
                new BigDecimal("0.25")
                        .multiply(BigDecimal.valueOf(call.tokens().input()))
                        .add(BigDecimal.TWO.multiply(BigDecimal.valueOf(call.tokens().output())))
                        .divide(MILLION);
        BigDecimal bound = new BigDecimal(meter.at("/cost/upper_bound").asString("0"));
        return !call.billed() || billed.compareTo(bound) <= 0;
    }

    private static SimulatedProvider provider(String latency) throws Exception {
        return SimulatedProvider.start(
                Script.parse("{\"seed\": 5, \"default\": {\"latency\": %s}}".formatted(latency)));
    }
}
