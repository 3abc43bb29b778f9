package dev.gantry.benchmark.compare;

import dev.gantry.benchmark.compare.Scenario.Trouble;
import dev.gantry.benchmark.compare.Scenario.Upstream;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** All scenarios, and which of them run. */
final class Scenarios {
    private static final String LOG_NORMAL =
            "{\"log_normal\": {\"median\": \"300ms\", \"sigma\": 0.5, \"cap\": \"10s\"}}";
    private static final String TAIL =
            """
            {"mixture": [{"weight": 98, "latency": "400ms"}, {"weight": 2, "latency": "8s"}]}""";
    private static final String FLAKY =
            """
            {"default": {"latency": "100ms"}, "keys": {"sk-flaky":
              {"latency": "100ms", "faults": [{"fault": "server", "chance": 0.3}]}}}
            """;
    private static final String STUCK =
            """
            {"default": {"latency": "100ms"}, "models": {"stuck": {"faults": [{"fault": "hang"}]}}}
            """;

    private static final List<Scenario> ALL =
            List.of(
                    Scenario.of("zero-latency", "the provider answers at once"),
                    Scenario.of("lognormal", "300 ms, lognormal; 2,000 in flight")
                            .taking(LOG_NORMAL, 2_000)
                            .load(30_000, 2, 600),
                    Scenario.of("heavy-tail", "98 % take 400 ms, 2 % 8 s; 600 in flight")
                            .taking(TAIL, 600)
                            .load(20_000, 2, 600),
                    Scenario.of("failover", "30 % of the first provider's calls fail")
                            .taking("\"100ms\"", 300)
                            .load(15_000, 3, 600)
                            .provider(
                                    FLAKY,
                                    new Upstream("flaky", "sk-flaky", List.of(Scenario.MODEL)),
                                    new Upstream("steady", "sk-steady", List.of(Scenario.MODEL))),
                    Scenario.of("hanging", "every other request is for a provider that hangs")
                            .taking("\"100ms\"", 200)
                            .load(600, 2, 600)
                            .paced(0)
                            .asking(Scenario.MODEL, "stuck")
                            .provider(
                                    STUCK,
                                    new Upstream("fine", "sk-fine", List.of(Scenario.MODEL)),
                                    new Upstream("stuck", "sk-stuck", List.of("stuck"))),
                    worker(1, "one worker"),
                    worker(2, "two workers"),
                    worker(3, "three workers"),
                    size(1, 30_000),
                    size(16, 10_000),
                    size(128, 2_000),
                    Scenario.of("broker-outage", "the broker is away for 10 s")
                            .taking("\"300ms\"", 600)
                            .load(20_000, 2, 600)
                            .paced(0)
                            .with(new Trouble.BrokerAway(Duration.ofSeconds(10))),
                    Scenario.of("kill", "the worker is killed, another one starts at once")
                            .taking("\"300ms\"", 600)
                            .load(12_000, 2, 600)
                            .paced(0)
                            .with(new Trouble.WorkerKilled()),
                    Scenario.of("ten-thousand", "ten thousand calls of 5 s in flight")
                            .taking("\"5s\"", 10_000)
                            .load(40_000, 1, 4_096)
                            .paced(0),
                    soak());

    private Scenarios() {}

    private static Scenario worker(int count, String says) {
        return Scenario.of("workers-" + count, says + ", 300 in flight each, 300 ms")
                .taking("\"300ms\"", 300)
                .load(6_000 * count, 2, 600)
                .workers(count);
    }

    private static Scenario size(int kibibytes, int requests) {
        return Scenario.of(
                        "size-" + kibibytes, "requests of " + kibibytes + " KiB, answered at once")
                .load(requests, 3, kibibytes << 10);
    }

    private static Scenario soak() {
        return Scenario.of("soak", "a million requests").load(50_000, 2, 600).paced(18);
    }

    /**
     * Those named, or all but the soak, at the size asked for.
     *
     * @param names with commas between; empty: all but the soak
     */
    static List<Scenario> chosen(String names, int requests, int rounds) {
        List<String> wanted =
                names.isBlank()
                        ? ALL.stream()
                                .map(Scenario::name)
                                .filter(each -> !each.equals("soak"))
                                .toList()
                        : Arrays.stream(names.split(",", -1)).map(String::strip).toList();
        for (String each : wanted) {
            if (ALL.stream().noneMatch(scenario -> scenario.name().equals(each))) {
                throw new IllegalArgumentException(
                        "bench.scenarios: %s is none of %s"
                                .formatted(each, ALL.stream().map(Scenario::name).toList()));
            }
        }
        return ALL.stream()
                .filter(each -> wanted.contains(each.name()))
                .map(each -> each.scaled(requests, rounds))
                .toList();
    }
}
