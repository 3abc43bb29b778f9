package dev.gantry.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.memory.Exhaustion;
import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Fault.Framing;
import dev.gantry.simulator.script.Fault.Oversize;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.ConsumedRecord;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.RequestLines;
import dev.gantry.testbed.WorkerProcess;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Large answers, several times what the heap holds: each request is called once and has one result,
 * and the meter equals the bill.
 */
class LargeAnswersTest {
    private static final int BYTES = 700_000;
    private static final Duration SETTLED_WITHIN = Duration.ofSeconds(60);
    private static final Duration TRICKLE = Duration.ofSeconds(2);

    /** Holds what the worker itself needs and a hundred such answers. */
    private static final List<String> SMALL_HEAP = List.of("-Xmx192m", "-XX:TieredStopAtLevel=1");

    private final Map<String, Integer> requests = new HashMap<>();

    @Test
    void largeAnswersAreReadAsThereIsRoomAndEachIsPaidOnce() throws Exception {
        try (SimulatedProvider provider = provider();
                Fleet fleet = fleet(provider)) {
            WorkerProcess first = fleet.startWorker("large-1", SMALL_HEAP);
            WorkerProcess second;
            first.awaitPolling();
            try (first;
                    LargeResults results = new LargeResults(fleet)) {
                send(fleet, Map.of("announced", 90, "chunked", 90, "trickling", 30, "small", 30));
                results.until(20);
                send(fleet, Map.of("announced", 20, "chunked", 20));
                assertThat(first.stop()).isZero();
                second = fleet.startWorker("large-2", SMALL_HEAP);
                try (second) {
                    Run run = run(fleet, provider, results, Set.of());
                    assertThat(second.stop()).isZero();
                    assertThat(run.findings()).isEmpty();
                    assertThat(run.calls()).hasSameSizeAs(requests.keySet());
                    assertThat(run.results()).hasSameSizeAs(requests.keySet());
                    assertThat(whole(run.results())).isEqualTo(250);
                }
            }
        }
    }

    /** The budget set wider than the heap: what happens without one. */
    @Test
    void aWorkerWithoutMemoryEndsAndAnotherFinishesItsWork() throws Exception {
        try (SimulatedProvider provider = provider();
                Fleet fleet = fleet(provider).with("gantry.worker.max-in-flight-size", "4GB");
                WorkerProcess first = fleet.startWorker("exhausted-1", SMALL_HEAP)) {
            first.awaitPolling();
            try (LargeResults results = new LargeResults(fleet)) {
                send(fleet, Map.of("trickling", 250));

                assertThat(first.awaitEnd()).isEqualTo(Exhaustion.STATUS);
                assertThat(first.output()).contains("gantry: out of memory");

                fleet.with("gantry.worker.max-in-flight-size", "128MB");
                try (WorkerProcess second = fleet.startWorker("exhausted-2")) {
                    Run run = run(fleet, provider, results, Set.of("exhausted-1"));
                    assertThat(second.stop()).isZero();
                    assertThat(run.findings()).isEmpty();
                }
            }
        }
    }

    private static SimulatedProvider provider() throws IOException {
        return SimulatedProvider.start(
                Script.of(Behaviour.FAULTLESS)
                        .model("announced", large(Framing.LENGTH, Duration.ZERO))
                        .model("chunked", large(Framing.CHUNKED, Duration.ZERO))
                        .model("trickling", large(Framing.CHUNKED, TRICKLE)));
    }

    private static Behaviour large(Framing framing, Duration over) {
        return Behaviour.always(new Oversize(BYTES, framing, over));
    }

    private static Fleet fleet(SimulatedProvider provider) {
        return Fleet.create()
                .provider(
                        "sim",
                        "cloud",
                        provider.baseUrl(),
                        "announced",
                        "chunked",
                        "trickling",
                        "small")
                .with("gantry.worker.lane-share", "1")
                .with("gantry.worker.drain-timeout", "50s")
                .with("gantry.worker.max-request-size", "1MB")
                .with("gantry.worker.max-response-size", "1MB");
    }

    private void send(Fleet fleet, Map<String, Integer> counts) throws Exception {
        List<String> lines = new ArrayList<>();
        counts.forEach(
                (model, count) -> IntStream.range(0, count).forEach(_ -> lines.add(line(model))));
        fleet.send(lines);
    }

    private String line(String model) {
        String name = model + "-" + requests.size();
        requests.put(name, 1);
        return RequestLines.chat(name, model);
    }

    private Run run(
            Fleet fleet, SimulatedProvider provider, LargeResults results, Set<String> killed)
            throws InterruptedException {
        List<ConsumedRecord> ends = results.until(requests.size());
        assertThat(provider.ledger().awaitQuiet(SETTLED_WITHIN)).isTrue();
        try (TopicTail metering = new TopicTail(fleet, "metering");
                TopicTail audit = new TopicTail(fleet, "audit")) {
            Run begun = new Run(requests, ends, List.of(), List.of(), calls(provider), killed);
            metering.of(
                    "",
                    SETTLED_WITHIN,
                    seen -> begun.with(seen, audit.of("")).findings().isEmpty());
            return begun.with(metering.of(""), audit.of(""));
        }
    }

    private static List<dev.gantry.simulator.Call> calls(SimulatedProvider provider) {
        return provider.ledger().calls();
    }

    /** Results whose large answer is there in full. */
    private static long whole(List<ConsumedRecord> results) {
        return results.stream()
                .filter(each -> each.at("/response/body/choices/0/message/content").startsWith("x"))
                .count();
    }
}
