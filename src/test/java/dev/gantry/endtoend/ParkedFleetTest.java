package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Latency;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.RequestLines;
import dev.gantry.testbed.WorkerPool;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Three worker processes hold more waiting requests than they may keep. */
class ParkedFleetTest {
    private static final int PARTITIONS = 6;

    /** Bytes of requests that each worker may hold. */
    private static final int HELD = 64 << 10;

    private static final int MAX_PARKED = 100;

    /** A body of about four kilobytes. */
    private static final int WORDS = 800;

    private static SimulatedProvider provider;
    private static Fleet fleet;
    private static WorkerPool pool;
    private static CircuitDesk desk;

    @BeforeAll
    static void start() throws Exception {
        provider =
                SimulatedProvider.start(
                        Script.of(Behaviour.taking(new Latency.Fixed(Duration.ofMillis(20)))));
        fleet =
                Fleet.create()
                        .with("gantry.worker.max-in-flight", "20")
                        .with("gantry.worker.max-parked", Integer.toString(MAX_PARKED))
                        .with("gantry.worker.max-request-size", "32KB")
                        .with("gantry.worker.max-in-flight-size", HELD / 1024 + "KB")
                        .with("spring.kafka.consumer.max-poll-records", "20")
                        .provider(
                                "benched", "cloud", provider.baseUrl(), "awaited", "moved", "full")
                        .provider("open", "cloud", provider.baseUrl(), "served");
        pool = WorkerPool.start(fleet, "parked");
        desk = new CircuitDesk(fleet);
    }

    @AfterAll
    static void stop() throws IOException {
        pool.close();
        fleet.close();
        provider.close();
    }

    @Test
    void bodiesOfWaitingRequestsAreLeftOnTheBrokerAndReadAgain() throws Exception {
        pool.complete();
        int requests = 210;
        try (Published published = new Published(fleet)) {
            deny("awaited");
            List<String> waiting = spread("awaited", requests, 0, PARTITIONS);
            // More than the workers could keep.
            assertThat(requests * WORDS * 5).isGreaterThan(3 * 3 * HELD / 2);
            Await.until("all wait", () -> pool.waiting() == requests);

            desk.reset("benched:main:inference:awaited");

            published.successesOf(waiting);
            assertThat(calls("awaited")).isEqualTo(requests);
        }
    }

    @Test
    void waitingRequestsMoveToTheWorkersThatRemainWhenOneLeaves() throws Exception {
        pool.complete();
        int requests = 120;
        try (Published published = new Published(fleet)) {
            deny("moved");
            List<String> waiting = spread("moved", requests, 0, PARTITIONS);
            Await.until("all wait", () -> pool.waiting() == requests);

            pool.stopOne();
            Await.until("all wait again", () -> pool.waiting() == requests);
            desk.reset("benched:main:inference:moved");

            published.successesOf(waiting);
            assertThat(calls("moved")).isEqualTo(requests);
        }
    }

    @Test
    void onlyPartitionsWithTooManyWaitingRequestsPauseAndReadinessSaysSo() throws Exception {
        pool.complete();
        int perPartition = 2 * MAX_PARKED;
        try (Published published = new Published(fleet)) {
            deny("full");
            List<String> waiting = spread("full", 3 * perPartition, 0, 3);
            pool.awaitReadinessOfAny(
                    "says that too many wait",
                    work -> work.at("/degraded").toString().contains("max-parked"));

            List<String> served = spread("served", 60, 3, PARTITIONS);
            published.successesOf(served);
            assertThat(pool.waiting()).as("the rest is not fetched").isLessThan(3L * perPartition);
            desk.reset("benched:main:inference:full");

            published.successesOf(waiting);
            assertThat(calls("full")).isEqualTo(waiting.size());
            pool.awaitReadiness("is sound", work -> work.at("/degraded").isEmpty());
        }
    }

    /** Every worker knows of it. */
    private static void deny(String model) throws Exception {
        desk.deny("benched:main:inference:" + model);
        pool.awaitBenched("cloud:benched:main:inference:" + model);
    }

    /** Over the partitions from one to another, in turn. */
    private static List<String> spread(String model, int count, int from, int to) throws Exception {
        List<String> names = new ArrayList<>();
        int each = count / (to - from);
        for (int partition = from; partition < to; partition++) {
            String stem = model + "-" + partition + "-";
            List<String> some = RequestLines.names(stem, each);
            fleet.send(
                    partition,
                    some.stream()
                            .map(name -> RequestLines.chat(name, model, "word ".repeat(WORDS)))
                            .toList());
            names.addAll(some);
        }
        assertThat(names).hasSize(count);
        return names;
    }

    private static long calls(String model) {
        return provider.ledger().calls().stream()
                .filter(each -> each.model().equals(model))
                .count();
    }
}
