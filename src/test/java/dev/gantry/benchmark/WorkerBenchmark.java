package dev.gantry.benchmark;

import dev.gantry.testbed.BrokerProcess;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.JavaProcess;
import dev.gantry.testbed.TopicReader;
import dev.gantry.testbed.WorkerProcess;

import org.junit.jupiter.api.Test;

import tools.jackson.databind.json.JsonMapper;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
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
     * Requests per second of one worker ÷ those of a hand-written loop, provider without latency or
     * with that of {@code -Dlatency}.
     */
    @Test
    void overhead() throws Exception {
        String latency = System.getProperty("latency", "0ms");
        String script = "{\"default\": {\"latency\": \"%s\"}}".formatted(latency);
        try (BrokerProcess broker = BrokerProcess.start();
                Simulator simulator = Simulator.start(script);
                Fleet full = fleet(broker, simulator).with("gantry.metering.write-ahead", "true");
                Fleet plain =
                        fleet(broker, simulator).with("gantry.metering.write-ahead", "false");
                Fleet bare = fleet(broker, simulator);
                WorkerProcess first = full.startWorker("bench-write-ahead", JVM);
                WorkerProcess second = plain.startWorker("bench-plain", JVM);
                WorkerProcess topics = bare.startWorker("bench-topics", JVM)) {
            first.awaitPolling();
            second.awaitPolling();
            // The bare loop uses topics as the worker makes them.
            topics.awaitPolling();
            topics.stop();
            Process loop = bareLoop(bare, simulator);
            System.out.printf(
                    "%-12s %14s %14s %14s%n", "round", "bare loop/s", "worker/s", "write-ahead/s");
            for (int round = 0; round <= ROUNDS; round++) {
                double baseline = rate(bare);
                double worker = rate(plain);
                double metered = rate(full);
                System.out.printf(
                        Locale.ROOT,
                        "%-12s %14.0f %14.0f %14.0f   ratio %.2f, with write-ahead %.2f, write-ahead ÷ without %.2f%n",
                        round == 0 ? "warm-up" : round,
                        baseline,
                        worker,
                        metered,
                        worker / baseline,
                        metered / baseline,
                        metered / worker);
            }
            loop.destroyForcibly();
        }
    }

    /**
     * What a request's way through the worker takes with and without write-ahead, open loop at half
     * of the peak with it (or at {@code -Drate}); the provider takes 100 ms, or {@code -Dlatency}.
     */
    @Test
    void writeAheadLatency() throws Exception {
        String latency = System.getProperty("latency", "100ms");
        String script = "{\"default\": {\"latency\": \"%s\"}}".formatted(latency);
        try (BrokerProcess broker = BrokerProcess.start();
                Simulator simulator = Simulator.start(script);
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
                Simulator simulator = Simulator.start("{}");
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
                Simulator simulator = Simulator.start(script);
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

    /** Throughput ÷ (in flight ÷ mean latency) where 2 % of calls take 8 s and the rest 400 ms. */
    @Test
    void heavyTail() throws Exception {
        String script =
                """
                {"default": {"latency": {"mixture": [
                  {"weight": 98, "latency": "400ms"}, {"weight": 2, "latency": "8s"}]}}}
                """;
        try (BrokerProcess broker = BrokerProcess.start();
                Simulator simulator = Simulator.start(script);
                Fleet fleet =
                        fleet(broker, simulator)
                                .with("gantry.worker.max-in-flight", "600")
                                .with("gantry.metering.write-ahead", "true");
                WorkerProcess worker = fleet.startWorker("bench-tail", JVM)) {
            worker.awaitPolling();
            try (Stopwatch watch =
                    new Stopwatch(broker.bootstrapServers(), fleet.topic("results"))) {
                fleet.send(requests(60_000, 100));
                double rate = watch.rate(15_000, 50_000);
                double ideal = 600 / (0.98 * 0.4 + 0.02 * 8);
                System.out.printf(
                        Locale.ROOT,
                        "heavy tail: %.0f/s of %.0f/s, %.2f%n",
                        rate,
                        ideal,
                        rate / ideal);
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
                Simulator simulator = Simulator.start("{\"default\": {\"latency\": \"15s\"}}");
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

    private static Fleet fleet(BrokerProcess broker, Simulator simulator) {
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

    private static Process bareLoop(Fleet fleet, Simulator simulator) throws IOException {
        return JavaProcess.builder(
                        JVM,
                        BareLoop.class.getName(),
                        List.of(
                                fleet.bootstrapServers(),
                                fleet.topic("requests"),
                                fleet.topic("results"),
                                fleet.topic("metering"),
                                simulator.baseUrl().toString(),
                                Integer.toString(IN_FLIGHT)))
                .redirectErrorStream(true)
                .redirectOutput(Path.of("target", "bare-loop.log").toFile())
                .start();
    }

    /** The simulator as the simulate command runs it. */
    private record Simulator(Process process, URI baseUrl) implements AutoCloseable {
        static Simulator start(String script) throws IOException {
            Path file = Files.writeString(Files.createTempFile("script", ".json"), script);
            Process process =
                    JavaProcess.builder(
                                    List.of("-Xmx512m"),
                                    "dev.gantry.Application",
                                    List.of(
                                            "simulate",
                                            "--port",
                                            "0",
                                            "--ledger-limit",
                                            "0",
                                            "--script",
                                            file.toString()))
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
            BufferedReader output =
                    new BufferedReader(
                            new InputStreamReader(
                                    process.getInputStream(), StandardCharsets.UTF_8));
            String line = String.valueOf(output.readLine());
            return new Simulator(process, URI.create(line.substring(line.indexOf("http"))));
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
