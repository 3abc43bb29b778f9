package dev.gantry.benchmark;

import dev.gantry.testbed.BrokerProcess;
import dev.gantry.testbed.ConsumedRecord;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.TopicReader;
import dev.gantry.testbed.WorkerProcess;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What it takes to publish an answer in 200 deltas beside its result. Checks nothing. */
class StreamBenchmark {
    private static final List<String> JVM =
            List.of("-Xmx1g", System.getProperty("bench.jvm", "-Dbench"));

    private static final int ROUNDS = Integer.getInteger("rounds", 3);
    private static final int REQUESTS = Integer.getInteger("requests", 2_000);
    private static final int AT_ONCE = Integer.getInteger("at.once", 500);

    /**
     * CPU of the worker for an answer of 200 deltas ÷ that of the same answer whole; the deltas
     * come at once, or {@code -Dlatency} (ms) apart.
     */
    @Test
    void cpu() throws Exception {
        Duration pause = Duration.ofMillis(Integer.getInteger("latency", 0));
        try (BrokerProcess broker = BrokerProcess.start();
                DeltaServer server = new DeltaServer(200, pause);
                Fleet fleet = fleet(broker, server);
                WorkerProcess worker = fleet.startWorker("bench-streams", JVM);
                TopicReader results = fleet.read("results")) {
            worker.awaitPolling();
            for (int round = 0; round <= ROUNDS; round++) {
                double plain = micros(fleet, worker, results, round + "-plain", false);
                double streamed = micros(fleet, worker, results, round + "-streamed", true);
                System.out.printf(
                        Locale.ROOT,
                        "%-8s plain %.0f us, streamed %.0f us of CPU each: ratio %.2f%n",
                        round == 0 ? "warm-up" : round,
                        plain,
                        streamed,
                        streamed / plain);
            }
        }
    }

    /** Streams at once, {@code -Dat.once} of them over two seconds: chunks lost or out of order. */
    @Test
    void manyAtOnce() throws Exception {
        try (BrokerProcess broker = BrokerProcess.start();
                DeltaServer server = new DeltaServer(200, Duration.ofMillis(10));
                Fleet fleet = fleet(broker, server);
                WorkerProcess worker = fleet.startWorker("bench-streams", JVM);
                TopicReader results = fleet.read("results");
                TopicReader chunks = fleet.read("chunks")) {
            worker.awaitPolling();
            for (int round = 0; round <= ROUNDS; round++) {
                List<String> ids = new ArrayList<>();
                List<String> lines = lines(round + "-many", AT_ONCE, true, ids);
                int before = results.all().size();
                long start = System.nanoTime();
                fleet.send(lines);
                results.until("all", seen -> seen.size() >= before + AT_ONCE);
                double seconds = (System.nanoTime() - start) / 1e9;
                Map<String, List<Long>> told = new HashMap<>();
                int ends = (round + 1) * AT_ONCE;
                for (ConsumerRecord<byte[], byte[]> each :
                        chunks.until("all ends", seen -> ends(seen) == ends)) {
                    told.computeIfAbsent(
                                    new String(each.key(), StandardCharsets.UTF_8),
                                    _ -> new ArrayList<>())
                            .add(sequence(each));
                }
                long whole =
                        ids.stream()
                                .filter(each -> isWhole(told.getOrDefault(each, List.of())))
                                .count();
                System.out.printf(
                        Locale.ROOT,
                        "%d streams of 200 deltas in %.1f s: %d whole and in order%n",
                        AT_ONCE,
                        seconds,
                        whole);
            }
        }
    }

    private static long ends(List<ConsumerRecord<byte[], byte[]>> chunks) {
        return chunks.stream()
                .filter(each -> each.headers().lastHeader("gantry-last") != null)
                .count();
    }

    private static long sequence(ConsumerRecord<byte[], byte[]> chunk) {
        return Long.parseLong(ConsumedRecord.of(chunk).headers().get("gantry-sequence"));
    }

    private static boolean isWhole(List<Long> sequences) {
        if (sequences.size() != 202) {
            return false;
        }
        for (int each = 0; each < sequences.size(); each++) {
            if (sequences.get(each) != each) {
                return false;
            }
        }
        return true;
    }

    private static double micros(
            Fleet fleet, WorkerProcess worker, TopicReader results, String stem, boolean streamed)
            throws Exception {
        List<String> lines = lines(stem, REQUESTS, streamed, new ArrayList<>());
        int before = results.all().size();
        long cpu = cpuNanos(worker);
        fleet.send(lines);
        results.until("all", seen -> seen.size() >= before + REQUESTS);
        return (cpuNanos(worker) - cpu) / 1e3 / REQUESTS;
    }

    private static List<String> lines(String stem, int count, boolean streamed, List<String> ids) {
        List<String> lines = new ArrayList<>();
        for (int each = 0; each < count; each++) {
            String id = stem + "-" + each;
            ids.add(id);
            lines.add(
                    "{\"custom_id\":\"%s\",\"body\":{\"model\":\"model\",\"stream\":%s,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}}"
                            .formatted(id, streamed, "x".repeat(600)));
        }
        return lines;
    }

    private static Fleet fleet(BrokerProcess broker, DeltaServer server) {
        return Fleet.createOn(broker.bootstrapServers())
                .provider("one", "cloud", server.baseUrl(), "model")
                .with("gantry.providers.one.models[0].capabilities", "streaming");
    }

    private static long cpuNanos(WorkerProcess worker) {
        return ProcessHandle.of(worker.pid())
                .flatMap(process -> process.info().totalCpuDuration())
                .map(Duration::toNanos)
                .orElse(0L);
    }
}
