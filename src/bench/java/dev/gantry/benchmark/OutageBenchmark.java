package dev.gantry.benchmark;

import dev.gantry.simulator.Call;
import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.DurableBroker;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.TopicReader;
import dev.gantry.testbed.WorkerProcess;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

import tools.jackson.databind.json.JsonMapper;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What a worker gets done while the broker is away. Checks nothing. */
class OutageBenchmark {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int REQUESTS = 8_000;
    private static final int IN_FLIGHT = 200;

    /** Milliseconds after which the producer gives a record up. */
    private static final int DETECTION = Integer.getInteger("detection", 2_000);

    private static final Duration NORMAL = Duration.ofSeconds(5);
    private static final Duration OUTAGE = Duration.ofMillis(5L * DETECTION);

    /**
     * Calls per second during an outage ÷ before it, of requests that had been fetched; and how
     * many requests have a result in the end.
     */
    @Test
    void brokerKilled() throws Exception {
        try (DurableBroker broker = DurableBroker.start();
                SimulatedProvider provider =
                        SimulatedProvider.start(
                                Script.parse("{\"default\": {\"latency\": \"1s\"}}"));
                Fleet fleet = fleet(broker, provider);
                WorkerProcess worker = fleet.startWorker("outage", List.of("-Xmx1g"))) {
            worker.awaitPolling();
            fleet.send(requests());
            Await.until("warm", () -> provider.ledger().calls().size() >= 4 * IN_FLIGHT);
            double normal = rate(provider, NORMAL);
            broker.kill();
            double outage = rate(provider, OUTAGE);
            broker.startAgain();
            Set<String> answered = answered(fleet);
            System.out.printf(
                    Locale.ROOT,
                    "broker killed for %d s, detected after %d ms: %.0f calls/s before, %.0f/s"
                            + " during = %.2f; %d of %d requests answered by %d calls%n",
                    OUTAGE.toSeconds(),
                    DETECTION,
                    normal,
                    outage,
                    outage / normal,
                    answered.size(),
                    REQUESTS,
                    provider.ledger().calls().size());
        }
    }

    private static Fleet fleet(DurableBroker broker, SimulatedProvider provider) {
        String producer = "spring.kafka.producer.properties.";
        return Fleet.createOn(broker.bootstrapServers())
                .provider("sim", "cloud", provider.baseUrl(), "model")
                .with("gantry.worker.max-in-flight", Integer.toString(IN_FLIGHT))
                .with("gantry.topics.partitions", "6")
                .with("spring.kafka.consumer.max-poll-records", Integer.toString(REQUESTS))
                .with(producer + "delivery.timeout.ms", Integer.toString(DETECTION))
                .with(producer + "request.timeout.ms", Integer.toString(DETECTION - 100));
    }

    /** Calls per second that begin from now on; prints them second by second. */
    private static double rate(SimulatedProvider provider, Duration time) throws Exception {
        Instant from = Instant.now();
        CountDownLatch never = new CountDownLatch(1);
        var _ = never.await(time.toMillis(), TimeUnit.MILLISECONDS);
        int[] bySecond = new int[(int) time.toSeconds()];
        for (Call call : provider.ledger().calls()) {
            long second = Duration.between(from, call.started()).toMillis() / 1000;
            if (!call.started().isBefore(from) && second < bySecond.length) {
                bySecond[(int) second]++;
            }
        }
        System.out.println("calls by second: " + Arrays.toString(bySecond));
        return Arrays.stream(bySecond).average().orElse(0);
    }

    private static Set<String> answered(Fleet fleet) {
        Set<String> answered = new HashSet<>();
        try (TopicReader results = fleet.read("results")) {
            results.until(
                    "a result of each",
                    seen -> {
                        for (ConsumerRecord<byte[], byte[]> each :
                                seen.subList(Math.min(answered.size(), seen.size()), seen.size())) {
                            answered.add(JSON.readTree(each.value()).at("/custom_id").asString());
                        }
                        return answered.size() >= REQUESTS;
                    });
        }
        return answered;
    }

    private static List<String> requests() {
        List<String> requests = new ArrayList<>(REQUESTS);
        for (int each = 0; each < REQUESTS; each++) {
            requests.add(
                    "{\"custom_id\":\"r%d\",\"body\":{\"model\":\"model\",\"max_tokens\":64,\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}}"
                            .formatted(each));
        }
        return requests;
    }
}
