package dev.gantry.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import static java.util.stream.Collectors.groupingBy;

import dev.gantry.endtoend.Published.Try;
import dev.gantry.inference.StateLabel;
import dev.gantry.simulator.SimulatedProvider;
import dev.gantry.simulator.script.Behaviour;
import dev.gantry.simulator.script.Fault;
import dev.gantry.simulator.script.Latency;
import dev.gantry.simulator.script.Refusal;
import dev.gantry.simulator.script.Script;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.DatabaseProcess;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.RequestFeed;
import dev.gantry.testbed.SharedDatabase;
import dev.gantry.testbed.WorkerPool;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Three worker processes go on by what they know while their database is away. */
class CircuitDatabaseTest {
    /** Requests a second. */
    private static final int RATE = 60;

    /**
     * Calls of a dead lane that each worker may make before it has learnt it: half of the 60 that
     * it remembers are needed, and a core that was away lets the rest go at once. Without circuits
     * of its own it makes some 400 in the outage.
     */
    private static final int UNTIL_LEARNT = 150;

    private static final Duration OUTAGE = Duration.ofSeconds(20);
    private static final Duration HANG = Duration.ofSeconds(5);
    private static final Behaviour HEALTHY =
            Behaviour.taking(new Latency.Fixed(Duration.ofMillis(80)));

    private static DatabaseProcess database;
    private static SimulatedProvider living;
    private static SimulatedProvider mortal;
    private static Fleet fleet;
    private static WorkerPool pool;
    private static CircuitDesk desk;

    @BeforeAll
    static void start() throws Exception {
        database = DatabaseProcess.start();
        SharedDatabase.Address address = database.address();
        living = SimulatedProvider.start(Script.of(HEALTHY));
        mortal = SimulatedProvider.start(Script.of(HEALTHY));
        fleet =
                Fleet.create()
                        .with("spring.datasource.url", address.url())
                        .with("spring.datasource.username", address.username())
                        .with("spring.datasource.password", address.password())
                        .with("gantry.circuit.cooldown", "2s")
                        .with("gantry.circuit.max-cooldown", "2s")
                        .provider("living", "cloud", living.baseUrl(), "stopped", "frozen")
                        .provider("mortal", "frontier", mortal.baseUrl(), "stopped")
                        .provider("fickle", "frontier", living.baseUrl(), "frozen")
                        .provider("barred", "local", living.baseUrl(), "stopped", "frozen");
        pool = WorkerPool.start(fleet, "database");
        desk = new CircuitDesk(fleet);
    }

    @AfterAll
    static void stop() throws IOException {
        pool.close();
        fleet.close();
        mortal.close();
        living.close();
        database.close();
    }

    @Test
    void workGoesOnWithTheLastViewAndOwnCircuitsWhileTheDatabaseIsStopped() throws Exception {
        String circuit = "mortal:main:inference:stopped";
        String lane = "frontier:" + circuit;
        desk.deny("barred:main");
        try (Published published = new Published(fleet);
                RequestFeed feed = RequestFeed.start(fleet, "stopped", RATE)) {
            published.awaitTries(lane, "the fleet calls it", seen -> seen.size() > 30);

            database.stop();
            Instant stopped = Instant.now();
            pool.awaitReadiness(
                    "says so",
                    work -> work.at("/degraded").toString().contains("database does not answer"));
            mortal.script(Script.of(Behaviour.always(Fault.refuse(Refusal.SERVER))));
            Instant struck = Instant.now();
            awaitResultsOfNow(published, feed, 200);
            Await.until("the outage is over", () -> over(stopped, OUTAGE));
            Instant back = Instant.now();
            database.startAgain();
            desk.await(circuit, "merged, and open or probed", each -> each.trips() >= 1);
            mortal.script(Script.of(HEALTHY));
            Instant reopened = desk.await(circuit, StateLabel.CLOSED).state().since();
            published.awaitTries(
                    lane,
                    "it carries its share again",
                    seen -> seen.stream().filter(each -> began(each, reopened)).count() > 30);
            allAgreeAgain(published, feed, "mortal", "stopped");
            published.successesOf(feed.stop());

            List<Try> struckTries =
                    published.tries(lane).stream()
                            .filter(each -> began(each, struck) && !began(each, back))
                            .toList();
            // Each worker learns it for itself, against the successes that it remembers.
            assertThat(struckTries.stream().collect(groupingBy(Try::worker)).values())
                    .allSatisfy(
                            each ->
                                    assertThat(each)
                                            .filteredOn(call -> !call.probe())
                                            .hasSizeLessThan(UNTIL_LEARNT));
            assertThat(struckTries)
                    .filteredOn(each -> began(each, back.minus(HANG)))
                    .isNotEmpty()
                    .allMatch(Try::probe);
            assertThat(published.tries("local:barred:main:inference:stopped")).isEmpty();
        }
    }

    @Test
    void workGoesOnWhileTheDatabaseIsFrozen() throws Exception {
        String lane = "frontier:fickle:main:inference:frozen";
        try (Published published = new Published(fleet);
                RequestFeed feed = RequestFeed.start(fleet, "frozen", RATE)) {
            published.awaitTries(lane, "the fleet calls it", seen -> seen.size() > 30);

            Instant frozen = Instant.now();
            database.freeze();
            awaitResultsOfNow(published, feed, 60);
            Await.until("it hung long enough", () -> over(frozen, HANG));
            database.thaw();
            allAgreeAgain(published, feed, "fickle", "frozen");
            published.successesOf(feed.stop());
        }
    }

    /** Of requests sent from now on. */
    private static void awaitResultsOfNow(Published published, RequestFeed feed, int count)
            throws Exception {
        int before = feed.sent().size();
        Await.until("more was sent", () -> feed.sent().size() >= before + count);
        List<String> sent = feed.sent();
        published.awaitResults(sent.subList(before, sent.size()), count);
    }

    private static boolean over(Instant since, Duration time) {
        return Instant.now().isAfter(since.plus(time));
    }

    private static boolean began(Try each, Instant after) {
        return each.started().isAfter(after);
    }

    /** Once all listen again: a worker rests at most five seconds between two tries. */
    private static void allAgreeAgain(
            Published published, RequestFeed feed, String family, String model) throws Exception {
        pool.awaitReadiness(
                "listens, and nothing is degraded but providers that are denied",
                work ->
                        work.at("/degraded").values().stream()
                                        .allMatch(each -> each.asString().startsWith("provider "))
                                && work.at("/circuits/source").asString().equals("notify"));
        String lane = "frontier:" + family + ":main:inference:" + model;
        Instant denied = desk.deny(family + ":main").getFirst().at();
        pool.awaitBenched(lane);
        int known = feed.sent().size();
        Await.until("the other carries all", () -> feed.sent().size() > known + RATE);
        List<String> sent = feed.sent();
        List<String> later = sent.subList(known, sent.size());
        published.awaitResults(later, later.size());

        List<Try> late =
                published.tries(lane).stream().filter(each -> began(each, denied)).toList();
        Instant last = late.isEmpty() ? denied : late.getLast().started();
        System.out.printf(
                "after the outage: last call %d ms after the denial%n",
                Duration.between(denied, last).toMillis());
        assertThat(late)
                .as("sent when all knew")
                .extracting(Try::request)
                .doesNotContainAnyElementsOf(later);
    }
}
