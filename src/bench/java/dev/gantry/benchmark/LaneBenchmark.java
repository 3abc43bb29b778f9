package dev.gantry.benchmark;

import dev.gantry.simulator.Call;
import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.BrokerProcess;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.TopicReader;
import dev.gantry.testbed.WorkerProcess;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The figures of limited, hanging and dead lanes. Checks nothing. */
class LaneBenchmark {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final List<String> JVM = List.of("-Xmx1g");
    private static final int WORKERS = Integer.getInteger("workers", 1);

    /** A lane that takes 50 requests/s under 3,000 waiting ones: calls, time, outcomes. */
    @Test
    void loneLane() throws Exception {
        String latency = System.getProperty("latency", "50ms");
        String script =
                """
                {"default": {"latency": "%s",
                  "rate_limit": {"requests": 50, "per": "1s", "burst": 50, "style": "openai"}}}
                """
                        .formatted(latency);
        int requests = 3_000;
        try (BrokerProcess broker = BrokerProcess.start();
                SimulatedProvider provider = provider(script);
                Fleet fleet =
                        Fleet.createOn(broker.bootstrapServers())
                                .provider("sim", "cloud", provider.baseUrl(), "model");
                Workers workers = Workers.start(fleet);
                TopicReader results = fleet.read("results")) {
            workers.awaitPolling();
            long begun = System.nanoTime();
            fleet.send(requests(requests, "model"));
            List<ConsumerRecord<byte[], byte[]>> ends =
                    results.until("all", seen -> seen.size() >= requests);
            double seconds = (System.nanoTime() - begun) / 1e9;
            int calls = provider.ledger().calls().size();
            System.out.printf(
                    Locale.ROOT,
                    "lone lane, %d workers, %s: %d of %d succeeded, calls/requests %.3f, %.1f s ="
                            + " %.2f of the ideal 60 s%n",
                    WORKERS,
                    latency,
                    ends.stream().filter(LaneBenchmark::succeeded).count(),
                    requests,
                    calls / (double) requests,
                    seconds,
                    seconds / 60);
        }
    }

    /**
     * Open loop, two providers, half the traffic each; in the second run one of them hangs from the
     * tenth second on. The healthy one's throughput and p99 by second.
     */
    @Test
    void isolation() throws Exception {
        int perSecond = Integer.getInteger("rate", 1_000);
        Map<Long, List<Long>> alone =
                openLoop(perSecond, "{\"default\": {\"latency\": \"300ms\"}}");
        Map<Long, List<Long>> beside =
                openLoop(
                        perSecond,
                        """
                        {"default": {"latency": "300ms", "outages": [
                          {"from": "10s", "to": "10m", "as": "hang"}]}}
                        """);
        System.out.printf(
                Locale.ROOT,
                "isolation at %d/s: healthy %d alone, %d beside a hanging one = %.3f; p99 %d ms and"
                        + " %d ms%n",
                perSecond,
                count(alone),
                count(beside),
                count(beside) / (double) count(alone),
                p99(alone, 0, 60),
                p99(beside, 0, 60));
        System.out.printf(
                "p99 of the seconds 10 to 12: %d ms alone, %d ms beside%n",
                p99(alone, 10, 12), p99(beside, 10, 12));
    }

    /** Latencies of the healthy provider's answers by the second of sending. */
    private static Map<Long, List<Long>> openLoop(int perSecond, String script) throws Exception {
        try (BrokerProcess broker = BrokerProcess.start();
                SimulatedProvider healthy = provider("{\"default\": {\"latency\": \"300ms\"}}");
                SimulatedProvider other = provider("{\"default\": {\"latency\": \"300ms\"}}");
                Fleet fleet =
                        Fleet.createOn(broker.bootstrapServers())
                                .provider("healthy", "cloud", healthy.baseUrl(), "healthy")
                                .provider("other", "cloud", other.baseUrl(), "other")
                                .with("gantry.worker.max-parked", "200000")
                                .with("gantry.providers.other.timeout", "10m");
                Workers workers = Workers.start(fleet)) {
            workers.awaitPolling();
            try (TopicReader results = fleet.read("results")) {
                warmUp(fleet, results);
                other.script(Script.parse(script));
                Instant began = Instant.now();
                OpenLoop.send(fleet, 60, () -> lot(perSecond / OpenLoop.LOTS_PER_SECOND));
                int half = perSecond * 30;
                List<ConsumerRecord<byte[], byte[]>> ends =
                        results.until(
                                "every healthy one",
                                seen ->
                                        seen.stream().filter(LaneBenchmark::ofHealthy).count()
                                                >= half + 1_000L);
                return latencies(ends, began);
            }
        }
    }

    private static void warmUp(Fleet fleet, TopicReader results) throws Exception {
        List<String> lines = new ArrayList<>();
        lines.addAll(requests(1_000, "healthy"));
        lines.addAll(requests(1_000, "other"));
        fleet.send(lines);
        results.until("warm", seen -> seen.size() >= 2_000);
    }

    private static List<String> lot(int size) {
        List<String> lines = new ArrayList<>();
        lines.addAll(requests(size / 2, "healthy"));
        lines.addAll(requests(size / 2, "other"));
        return lines;
    }

    private static Map<Long, List<Long>> latencies(
            List<ConsumerRecord<byte[], byte[]>> ends, Instant began) {
        Map<Long, List<Long>> bySecond = new TreeMap<>();
        for (ConsumerRecord<byte[], byte[]> end : ends) {
            JsonNode gantry = JSON.readTree(end.value()).path("gantry");
            long took = gantry.path("queued_ms").asLong() + gantry.path("took_ms").asLong();
            long sent = end.timestamp() - gantry.path("took_ms").asLong() - began.toEpochMilli();
            if (ofHealthy(end) && sent >= -200) {
                bySecond.computeIfAbsent(Math.max(0, sent) / 1000, _ -> new ArrayList<>())
                        .add(took);
            }
        }
        return bySecond;
    }

    private static long count(Map<Long, List<Long>> bySecond) {
        return bySecond.values().stream().mapToLong(List::size).sum();
    }

    private static long p99(Map<Long, List<Long>> bySecond, long from, long to) {
        long[] all =
                bySecond.entrySet().stream()
                        .filter(each -> each.getKey() >= from && each.getKey() < to)
                        .flatMap(each -> each.getValue().stream())
                        .mapToLong(Long::longValue)
                        .sorted()
                        .toArray();
        return all.length == 0 ? -1 : all[(int) (all.length * 0.99)];
    }

    /**
     * A lane dies for a minute under 500 requests/s while another serves: calls to the dead one
     * after its circuit opened, and the time it takes to carry its share again.
     */
    @Test
    void deadLane() throws Exception {
        String script =
                """
                {"default": {"latency": "100ms", "outages": [
                  {"from": "20s", "to": "80s", "as": "unavailable"}]}}
                """;
        try (BrokerProcess broker = BrokerProcess.start();
                SimulatedProvider dying = provider("{\"default\": {\"latency\": \"100ms\"}}");
                SimulatedProvider steady = provider("{\"default\": {\"latency\": \"100ms\"}}");
                Fleet fleet =
                        Fleet.createOn(broker.bootstrapServers())
                                .provider("dying", "frontier", dying.baseUrl(), "healthy")
                                .provider("steady", "cloud", steady.baseUrl(), "healthy")
                                .with("gantry.circuit.cooldown", "10s")
                                .with("gantry.circuit.max-cooldown", "10s");
                Workers workers = Workers.start(fleet);
                TopicReader results = fleet.read("results")) {
            workers.awaitPolling();
            fleet.send(requests(1_000, "healthy"));
            results.until("warm", seen -> seen.size() >= 1_000);
            dying.script(Script.parse(script));
            Instant began = Instant.now();
            OpenLoop.send(fleet, 100, () -> requests(500 / OpenLoop.LOTS_PER_SECOND, "healthy"));
            results.until("all", seen -> seen.size() >= 51_000);
            System.out.println(workers.output("circuit moved"));
            report(dying, began);
        }
    }

    private static void report(SimulatedProvider dying, Instant began) {
        int[] calls = new int[110];
        int[] bad = new int[110];
        dying.ledger()
                .calls()
                .forEach(
                        call -> {
                            long second = Duration.between(began, call.started()).toMillis() / 1000;
                            if (second >= 0 && second < calls.length) {
                                calls[(int) second]++;
                                bad[(int) second] += call.status() == 200 ? 0 : 1;
                            }
                        });
        System.out.println("calls by second: " + Arrays.toString(calls));
        System.out.println("failed by second: " + Arrays.toString(bad));
        recovery(dying);
    }

    /** From the end of the first call that succeeds after the last that failed. */
    private static void recovery(SimulatedProvider dying) {
        List<Call> calls = dying.ledger().calls();
        Instant failed =
                calls.stream()
                        .filter(call -> call.status() != 200)
                        .map(Call::started)
                        .max(Instant::compareTo)
                        .orElse(Instant.MIN);
        List<Instant> after =
                calls.stream()
                        .map(Call::started)
                        .filter(started -> started.isAfter(failed))
                        .sorted()
                        .toList();
        Instant closed = after.getFirst().plusMillis(100);
        int[] tenths = new int[30];
        for (Instant each : after) {
            long tenth = Duration.between(closed, each).toMillis() / 100;
            if (tenth >= 0 && tenth < tenths.length) {
                tenths[(int) tenth]++;
            }
        }
        System.out.println("calls by tenth after the probe: " + Arrays.toString(tenths));
    }

    private static boolean ofHealthy(ConsumerRecord<byte[], byte[]> end) {
        String text = new String(end.value(), StandardCharsets.UTF_8);
        return text.contains("\"custom_id\":\"healthy-");
    }

    private static boolean succeeded(ConsumerRecord<byte[], byte[]> end) {
        return JSON.readTree(end.value())
                .path("gantry")
                .path("outcome")
                .asString()
                .equals("succeeded");
    }

    private static SimulatedProvider provider(String script) throws Exception {
        return SimulatedProvider.start(Script.parse(script));
    }

    private static List<String> requests(int count, String model) {
        List<String> requests = new ArrayList<>(count);
        for (int each = 0; each < count; each++) {
            requests.add(
                    "{\"custom_id\":\"%s-%d\",\"body\":{\"model\":\"%s\",\"max_tokens\":64,\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}}"
                            .formatted(model, each, model));
        }
        return requests;
    }

    /** As many workers as {@code -Dworkers} says. */
    private record Workers(List<WorkerProcess> processes) implements AutoCloseable {
        static Workers start(Fleet fleet) throws Exception {
            List<WorkerProcess> processes = new ArrayList<>();
            for (int each = 0; each < WORKERS; each++) {
                processes.add(fleet.startWorker("lanes-" + each, JVM));
            }
            return new Workers(processes);
        }

        void awaitPolling() throws Exception {
            for (WorkerProcess each : processes) {
                each.awaitPolling();
            }
        }

        String output(String words) throws Exception {
            StringBuilder found = new StringBuilder();
            for (WorkerProcess each : processes) {
                each.output()
                        .lines()
                        .filter(line -> line.contains(words))
                        .forEach(
                                line ->
                                        found.append(line, 0, Math.min(200, line.length()))
                                                .append('\n'));
            }
            return found.toString();
        }

        @Override
        public void close() {
            processes.forEach(WorkerProcess::close);
        }
    }
}
