package dev.gantry.benchmark;

import dev.gantry.testbed.BrokerProcess;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.TopicReader;
import dev.gantry.testbed.WorkerProcess;

import org.junit.jupiter.api.Test;

import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The worker's figures; broker, database, simulator and worker are processes of their own. Checks
 * nothing.
 */
class WorkerBenchmark {
    private static final JsonMapper JSON = JsonMapper.shared();

    /** {@code -Dbench.jvm=…} adds JVM options to the worker, for example a flight recording. */
    private static final List<String> JVM =
            List.of("-Xmx1g", System.getProperty("bench.jvm", "-Dbench"));

    /** One of several. */
    private static final List<String> SMALL = List.of("-Xmx512m");

    private static final int IN_FLIGHT = Integer.getInteger("in.flight", 256);
    private static final int ROUNDS = Integer.getInteger("rounds", 3);
    private static final int REQUESTS = Integer.getInteger("requests", 30_000);
    private static final int RAMP = 4_000;

    /**
     * What a request's way through the worker takes with and without write-ahead, open loop at half
     * of the peak with it (or at {@code -Drate}); the provider takes 100 ms, or {@code -Dlatency}.
     */
    @Test
    void writeAheadLatency() throws Exception {
        String latency = System.getProperty("latency", "100ms");
        String script = "{\"default\": {\"latency\": \"%s\"}}".formatted(latency);
        try (BrokerProcess broker = BrokerProcess.start();
                SimulatorProcess simulator = SimulatorProcess.start(script);
                Fleet full = fleet(broker, simulator).with("gantry.metering.write-ahead", "true");
                Fleet plain =
                        fleet(broker, simulator).with("gantry.metering.write-ahead", "false");
                WorkerProcess first = full.startWorker("bench-write-ahead", JVM);
                WorkerProcess second = plain.startWorker("bench-plain", JVM)) {
            first.awaitPolling();
            second.awaitPolling();
            rate(plain);
            rate(full);
            double peak = rate(full);
            int rate = Integer.getInteger("rate", (int) (peak / 2));
            System.out.printf(Locale.ROOT, "peak with write-ahead %.0f/s, here %d/s%n", peak, rate);
            for (int round = 1; round <= ROUNDS; round++) {
                long[] without = tookMillis(plain, rate);
                long[] with = tookMillis(full, rate);
                System.out.printf(
                        "round %d: p50 %d ms without, %d ms with; p99 %d ms without, %d ms with%n",
                        round,
                        quantile(without, 0.5),
                        quantile(with, 0.5),
                        quantile(without, 0.99),
                        quantile(with, 0.99));
            }
        }
    }

    /** Twenty seconds' worth, sorted. */
    private static long[] tookMillis(Fleet fleet, int perSecond) throws Exception {
        int seconds = 20;
        int lot = perSecond / OpenLoop.LOTS_PER_SECOND;
        int all = lot * OpenLoop.LOTS_PER_SECOND * seconds;
        try (TopicReader results = fleet.read("results")) {
            int before = results.all().size();
            OpenLoop.send(fleet, seconds, () -> requests(lot, 600));
            return results.until("all", seen -> seen.size() >= before + all).stream()
                    .skip(before)
                    .mapToLong(each -> JSON.readTree(each.value()).at("/gantry/took_ms").asLong())
                    .sorted()
                    .toArray();
        }
    }

    private static long quantile(long[] sorted, double share) {
        return sorted[(int) (sorted.length * share)];
    }

    /** One worker alone, for a profiler. */
    @Test
    void alone() throws Exception {
        try (BrokerProcess broker = BrokerProcess.start();
                SimulatorProcess simulator = SimulatorProcess.start("{}");
                Fleet fleet =
                        fleet(broker, simulator).with("gantry.metering.write-ahead", "false");
                WorkerProcess worker = fleet.startWorker("bench-alone", JVM)) {
            worker.awaitPolling();
            for (int round = 0; round <= ROUNDS; round++) {
                long before = cpuNanos(worker);
                double rate = rate(fleet);
                double micros = (cpuNanos(worker) - before) / 1e3 / REQUESTS;
                System.out.printf(
                        Locale.ROOT, "%.0f requests/s, %.0f us of CPU each%n", rate, micros);
            }
            worker.stop();
        }
    }

    private static long cpuNanos(WorkerProcess worker) {
        return ProcessHandle.of(worker.pid())
                .flatMap(process -> process.info().totalCpuDuration())
                .map(Duration::toNanos)
                .orElse(0L);
    }

    /**
     * Three workers whose calls are all of one capped session ÷ the same without a cap; the
     * provider takes 300 ms, or {@code -Dlatency}.
     */
    @Test
    void capped() throws Exception {
        String latency = System.getProperty("latency", "300ms");
        String script = "{\"default\": {\"latency\": \"%s\"}}".formatted(latency);
        String gantry =
                ",\"gantry\":{\"session_id\":\"s\",\"budget\":{\"session_usd\":\"100000\"}}}";
        List<String> plain = requests(REQUESTS, 600);
        List<String> capped =
                plain.stream().map(each -> each.substring(0, each.length() - 1) + gantry).toList();
        try (BrokerProcess broker = BrokerProcess.start();
                SimulatorProcess simulator = SimulatorProcess.start(script);
                Fleet fleet = fleet(broker, simulator);
                WorkerProcess first = fleet.startWorker("bench-capped-1", SMALL);
                WorkerProcess second = fleet.startWorker("bench-capped-2", SMALL);
                WorkerProcess third = fleet.startWorker("bench-capped-3", SMALL)) {
            first.awaitPolling();
            second.awaitPolling();
            third.awaitPolling();
            for (int round = 0; round <= ROUNDS; round++) {
                double free = rate(fleet, plain);
                double held = rate(fleet, capped);
                System.out.printf(
                        Locale.ROOT,
                        "%s: %.0f/s without a cap, %.0f/s in one capped session, ratio %.2f%n",
                        round == 0 ? "warm-up" : "round " + round,
                        free,
                        held,
                        held / free);
            }
        }
    }

    /**
     * Heap that 2,000 requests of 4 KiB in flight need, and the time from process start to the
     * first poll.
     */
    @Test
    void memoryAndStart() throws Exception {
        try (BrokerProcess broker = BrokerProcess.start();
                SimulatorProcess simulator =
                        SimulatorProcess.start("{\"default\": {\"latency\": \"15s\"}}");
                Fleet fleet = fleet(broker, simulator).with("gantry.worker.max-in-flight", "2000");
                WorkerProcess worker = fleet.startWorker("bench-memory", List.of("-Xmx512m"))) {
            worker.awaitPolling();
            Matcher uptime = Pattern.compile("uptime_ms=\"(\\d+)\"").matcher(worker.output());
            System.out.println(
                    "start to first poll: " + (uptime.find() ? uptime.group(1) : "?") + " ms");
            try (Stopwatch watch =
                    new Stopwatch(broker.bootstrapServers(), fleet.topic("results"))) {
                fleet.send(requests(4_000, 4_096));
                watch.awaitCount(1);
                System.out.println(
                        "heap with 2,000 in flight, after a collection: " + heap(worker.pid()));
                watch.awaitCount(4_000);
            }
        }
    }

    private static String heap(long pid) throws IOException, InterruptedException {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        new ProcessBuilder(jcmd, Long.toString(pid), "GC.run").start().waitFor();
        Process info = new ProcessBuilder(jcmd, Long.toString(pid), "GC.heap_info").start();
        return new String(info.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.contains("used"))
                .findFirst()
                .orElse("?")
                .strip();
    }

    private static Fleet fleet(BrokerProcess broker, SimulatorProcess simulator) {
        return Fleet.createOn(broker.bootstrapServers())
                .provider("sim", "cloud", simulator.baseUrl(), "model")
                .with("gantry.worker.max-in-flight", Integer.toString(IN_FLIGHT))
                .with("gantry.topics.partitions", "6");
    }

    private static double rate(Fleet fleet) throws Exception {
        return rate(fleet, requests(REQUESTS, 600));
    }

    private static double rate(Fleet fleet, List<String> requests) throws Exception {
        try (Stopwatch watch = new Stopwatch(fleet.bootstrapServers(), fleet.topic("results"))) {
            fleet.send(requests);
            return watch.rate(RAMP, REQUESTS);
        }
    }

    private static List<String> requests(int count, int size) {
        List<String> requests = new ArrayList<>(count);
        String content = "lorem ipsum ".repeat(size / 12);
        for (int each = 0; each < count; each++) {
            requests.add(
                    "{\"custom_id\":\"r%d\",\"body\":{\"model\":\"model\",\"max_tokens\":64,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}}"
                            .formatted(each, content));
        }
        return requests;
    }
}
