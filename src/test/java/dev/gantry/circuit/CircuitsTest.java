package dev.gantry.circuit;

import static dev.gantry.circuit.Samples.INSTANCE_KEY;
import static dev.gantry.circuit.Samples.LANE;
import static dev.gantry.circuit.Samples.LANE_KEY;
import static dev.gantry.circuit.Samples.SHIPPED;
import static dev.gantry.circuit.Samples.alone;
import static dev.gantry.circuit.Samples.lane;
import static dev.gantry.circuit.Samples.member;
import static dev.gantry.circuit.Samples.rateLimit;
import static dev.gantry.circuit.Samples.trouble;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.circuit.CircuitFeed.Source;
import dev.gantry.circuit.OperatorAction.Deny;
import dev.gantry.circuit.OperatorAction.Open;
import dev.gantry.circuit.OperatorAction.Reset;
import dev.gantry.circuit.Standing.Admitted;
import dev.gantry.circuit.Standing.Benched;
import dev.gantry.circuit.Standing.HalfOpen;
import dev.gantry.circuit.Trouble.Reach;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.LaneId;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.SharedDatabase;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

@Timeout(120)
class CircuitsTest {
    private static final LaneId SIBLING = lane("openai", "main", "large");
    private static final LaneId TWIN = lane("openai", "second", "small");
    private static final LaneId OTHER = lane("azure", "main", "small");

    /** Benched for a moment, then half-open: tests of probes wait for it. */
    private static final CircuitSettings QUICK = Samples.settings(Duration.ofMillis(200));

    private static final Trouble DOWN = trouble(ErrorKind.NETWORK, Reach.LANE);

    @Test
    void oneHitBenchesHereAtOnceAndEverywhereByNotification() throws Exception {
        try (CircuitFleet fleet = new CircuitFleet(SHIPPED, List.of(alone(LANE)))) {
            Circuits first = fleet.join("a");
            Circuits second = fleet.join("b");
            Circuits third = fleet.join("c");

            long[] took = new long[25];
            for (int round = 0; round < took.length; round++) {
                first.failed(LANE, first.now(), trouble(ErrorKind.AUTH, Reach.INSTANCE));
                long at = System.nanoTime();
                assertThat(first.standing(LANE)).as("lesson 10").isInstanceOf(Benched.class);
                CircuitFleet.await(second, LANE, Benched.class);
                CircuitFleet.await(third, LANE, Benched.class);
                took[round] = System.nanoTime() - at;
                first.operate(action("openai:main", new Reset()));
                for (Circuits each : List.of(first, second, third)) {
                    CircuitFleet.await(each, LANE, Admitted.class);
                }
            }

            Arrays.sort(took);
            System.out.printf(
                    "agreement of 3 workers by NOTIFY: median %d ms, worst of 25 %d ms%n",
                    took[12] / 1_000_000, took[24] / 1_000_000);
            assertThat(Duration.ofNanos(took[12])).isLessThan(Duration.ofMillis(250));
        }
    }

    @Test
    void agreesByPollWhereNotificationsAreSwallowed() throws Exception {
        try (CircuitFleet fleet = new CircuitFleet(SHIPPED, List.of(alone(LANE)))) {
            Circuits first = fleet.join("a");
            // Notifications do not cross databases: as silent as a pooler.
            String elsewhere =
                    SharedDatabase.address().url().replaceFirst("(//[^/]+)/[^?]*", "$1/template1");
            Circuits deaf = fleet.start("b", elsewhere);
            CircuitFleet.awaitSource(deaf, Source.POLL_ONLY);

            first.failed(LANE, first.now(), trouble(ErrorKind.MODEL_MISSING, Reach.LANE));
            long at = System.nanoTime();
            CircuitFleet.await(deaf, LANE, Benched.class);

            assertThat(Duration.ofNanos(System.nanoTime() - at)).isLessThan(Duration.ofSeconds(2));
            assertThat(deaf.status().source()).isEqualTo(Source.POLL_ONLY);
        }
    }

    @Test
    void twoThousandFailuresAtOnceTakeFewStatements() throws Exception {
        try (CircuitFleet fleet = new CircuitFleet(SHIPPED, List.of(alone(LANE)))) {
            Circuits worker = fleet.join("a");
            for (int call = 0; call < 500; call++) {
                worker.called(LANE);
            }
            fleet.watch().forget();

            allAtOnce(
                    2000,
                    () -> {
                        worker.called(LANE);
                        worker.failed(LANE, worker.now(), DOWN);
                    });
            CircuitFleet.await(worker, LANE, Benched.class);
            Await.until("the table knows", () -> worker.status().unsynced() == 0);

            int statements = fleet.watch().seen().size();
            System.out.printf("2,000 failures at once: %d statements%n", statements);
            assertThat(statements).isLessThanOrEqualTo(50);
            assertThat(fleet.transitions())
                    .extracting(Transition::to)
                    .containsExactly(CircuitState.OPEN);
        }
    }

    @Test
    void admissionsAndCallsMakeNoStatement() throws Exception {
        try (CircuitFleet fleet = new CircuitFleet(SHIPPED, List.of(alone(LANE), alone(OTHER)))) {
            Circuits worker = fleet.join("a");
            worker.failed(OTHER, worker.now(), trouble(ErrorKind.AUTH, Reach.INSTANCE));
            Await.until("the table knows", () -> worker.status().unsynced() == 0);
            fleet.watch().forget();
            String here = Thread.currentThread().getName();

            for (int ask = 0; ask < 1_000_000; ask++) {
                assertThat(worker.standing(LANE) instanceof Admitted).isTrue();
                assertThat(worker.standing(OTHER) instanceof Benched).isTrue();
                worker.called(LANE);
            }

            assertThat(fleet.watch().seen())
                    .as("the background polls, and nothing else")
                    .noneMatch(each -> each.thread().equals(here))
                    .noneMatch(StatementWatch.Seen::writes);
        }
    }

    /** Lesson 41. */
    @Test
    void oneProbeFleetWideForFiftyCandidatesOnEachOfThreeWorkers() throws Exception {
        try (CircuitFleet fleet = new CircuitFleet(QUICK, List.of(alone(LANE)))) {
            List<Circuits> workers = List.of(fleet.join("a"), fleet.join("b"), fleet.join("c"));
            bench(workers.getFirst());
            for (Circuits each : workers) {
                CircuitFleet.await(each, LANE, HalfOpen.class);
            }

            Queue<Probe> probes = new ConcurrentLinkedQueue<>();
            Await.until(
                    "somebody probes",
                    () -> {
                        workers.forEach(each -> candidates(each, probes));
                        return !probes.isEmpty();
                    });
            // A second winner would have its ticket by now: each worker has read the table since.
            for (Circuits each : workers) {
                Duration age = each.status().age();
                Await.until("a later view", () -> each.status().age().compareTo(age) < 0);
                candidates(each, probes);
            }

            assertThat(probes).hasSize(1);
            probes.element().succeeded();
            for (Circuits each : workers) {
                CircuitFleet.await(each, LANE, Admitted.class);
            }
            assertThat(fleet.transitions())
                    .extracting(Transition::to)
                    .containsExactly(
                            CircuitState.OPEN, CircuitState.HALF_OPEN, CircuitState.CLOSED);
        }
    }

    @Test
    void aFailedProbeOpensForLongerAndAnIgnoredOneLeavesItToOthers() throws Exception {
        try (CircuitFleet fleet = new CircuitFleet(QUICK, List.of(alone(LANE)))) {
            Circuits worker = fleet.join("a");
            bench(worker);

            awaitProbe(worker, LANE).ignored();
            Probe second = awaitProbe(worker, LANE);
            second.failed(DOWN);
            second.succeeded();

            assertThat(worker.standing(LANE)).isInstanceOf(Benched.class);
            CircuitStatus row = worker.rows().getLast();
            assertThat(row.trips()).isEqualTo(2);
        }
    }

    @Test
    void aProbeThatNobodyTakesGoesToAnotherWorker() throws Exception {
        try (CircuitFleet fleet = new CircuitFleet(QUICK, List.of(alone(LANE)))) {
            Circuits idle = fleet.join("a");
            bench(idle);
            CircuitFleet.await(idle, LANE, HalfOpen.class);
            Await.until("the ticket lies ready", () -> wanted(idle) && idle.probesReady());

            Circuits busy = fleet.join("b");

            assertThat(awaitProbe(busy, LANE).lane()).isEqualTo(LANE);
        }
    }

    @Test
    void aLeaseLapsesWithItsOwnersHeartbeat() throws Exception {
        try (CircuitFleet fleet = new CircuitFleet(QUICK, List.of(alone(LANE)))) {
            Circuits owner = fleet.join("a");
            bench(owner);
            Probe lost = awaitProbe(owner, LANE);
            owner.abandon();
            Circuits other = fleet.join("b");
            CircuitFleet.await(other, LANE, HalfOpen.class);
            fleet.update("update ${schema}.circuit set lease_from = lease_from - interval '11 s'");

            Probe next = awaitProbe(other, LANE);
            lost.failed(DOWN);
            next.succeeded();

            CircuitFleet.await(other, LANE, Admitted.class);
        }
    }

    @Test
    void aLeaseIsRespectedWhileItsOwnersHeartBeats() throws Exception {
        try (CircuitFleet fleet = new CircuitFleet(QUICK, List.of(alone(LANE)))) {
            Circuits owner = fleet.join("a");
            bench(owner);
            Probe probe = awaitProbe(owner, LANE);
            Circuits other = fleet.join("b");
            fleet.update(
                    """
                    insert into ${schema}.worker (id, name, version)
                    select lease_owner, 'a', '1' from ${schema}.circuit where lease_owner is not null
                    """);
            fleet.update("update ${schema}.circuit set lease_from = lease_from - interval '11 s'");

            for (int poll = 0; poll < 3; poll++) {
                other.standing(LANE);
                Duration age = other.status().age();
                Await.until("a later view", () -> other.status().age().compareTo(age) < 0);
                assertThat(other.probe(LANE)).isNull();
            }
            probe.ignored();
        }
    }

    /** Two tickets, one call: else instance and lane would wait for each other for ever. */
    @Test
    void oneCallProbesAnInstanceAndItsOnlyLane() throws Exception {
        CircuitSettings quick =
                new CircuitSettings(
                        3,
                        0.5,
                        Duration.ofSeconds(60),
                        Duration.ofMillis(200),
                        Duration.ofMinutes(10),
                        Duration.ofMillis(200),
                        Duration.ofMillis(200),
                        Duration.ofMillis(200),
                        Duration.ofHours(1));
        try (CircuitFleet fleet = new CircuitFleet(quick, List.of(alone(LANE)))) {
            Circuits first = fleet.join("a");
            Circuits second = fleet.join("b");
            bench(first);
            first.failed(LANE, first.now(), trouble(ErrorKind.AUTH, Reach.INSTANCE));
            CircuitFleet.await(second, LANE, HalfOpen.class);

            Queue<Probe> probe = new ConcurrentLinkedQueue<>();
            Await.until(
                    "one of them probes",
                    () -> took(first, LANE, probe) || took(second, LANE, probe));
            probe.element().succeeded();

            CircuitFleet.await(first, LANE, Admitted.class);
            CircuitFleet.await(second, LANE, Admitted.class);
        }
    }

    /** A key that works, though the model is gone: the instance is well, the lane is not. */
    @Test
    void anInstancesProbeThatFindsNoModelBenchesTheLaneAlone() throws Exception {
        try (CircuitFleet fleet =
                new CircuitFleet(authQuickly(), List.of(alone(LANE), alone(SIBLING)))) {
            Circuits worker = fleet.join("a");
            worker.failed(LANE, worker.now(), trouble(ErrorKind.AUTH, Reach.INSTANCE));
            assertThat(worker.standing(SIBLING)).isInstanceOf(Benched.class);

            awaitProbe(worker, LANE).failed(trouble(ErrorKind.MODEL_MISSING, Reach.LANE));

            assertThat(worker.standing(SIBLING)).isInstanceOf(Admitted.class);
            assertThat(worker.standing(LANE)).isInstanceOf(Benched.class);
        }
    }

    /** Lesson 37. */
    @Test
    void denialSurvivesTripsExpiryAndTheRestartOfAllWorkers() throws Exception {
        try (CircuitFleet fleet =
                new CircuitFleet(authQuickly(), List.of(alone(LANE), alone(SIBLING)))) {
            Circuits first = fleet.join("a");
            first.operate(action(LANE_KEY.value(), new Deny()));
            CircuitFleet.await(first, LANE, Benched.class);

            first.failed(LANE, first.now(), trouble(ErrorKind.AUTH, Reach.INSTANCE));
            awaitProbe(first, SIBLING).succeeded();
            CircuitFleet.await(first, SIBLING, Admitted.class);
            first.failed(LANE, first.now(), trouble(ErrorKind.MODEL_MISSING, Reach.LANE));
            first.operate(action(LANE_KEY.value(), new Open(Duration.ofMillis(1))));
            first.close();
            Circuits second = fleet.join("b");

            assertThat(second.standing(LANE)).isEqualTo(new Benched(null, null, "because"));
            second.operate(action(LANE_KEY.value(), new Reset()));
            CircuitFleet.await(second, LANE, Admitted.class);
        }
    }

    /** Lesson 2. */
    @Test
    void billingBenchesEveryInstanceOfTheAccountInOneStatementAndNoOther() throws Exception {
        List<Membership> members =
                List.of(
                        member(LANE, "acme", QuotaScope.LANE),
                        member(TWIN, "acme", QuotaScope.LANE),
                        alone(OTHER));
        try (CircuitFleet fleet = new CircuitFleet(SHIPPED, members)) {
            Circuits worker = fleet.join("a");
            Circuits other = fleet.join("b");
            fleet.watch().forget();

            worker.failed(TWIN, worker.now(), trouble(ErrorKind.BILLING, Reach.ACCOUNT));
            CircuitFleet.await(other, LANE, Benched.class);

            assertThat(other.standing(TWIN)).isInstanceOf(Benched.class);
            assertThat(other.standing(OTHER)).isInstanceOf(Admitted.class);
            assertThat(fleet.watch().seen()).filteredOn(StatementWatch.Seen::writes).hasSize(1);
        }
    }

    /** Lesson 43; and lesson 21: one refusal is enough. */
    @Test
    void aRateLimitReachesAsFarAsTheQuotaAndNoFurther() {
        LaneId large = lane("openai", "second", "large");
        List<Membership> members =
                List.of(
                        member(LANE, "acme", QuotaScope.ACCOUNT),
                        member(TWIN, "acme", QuotaScope.ACCOUNT),
                        member(large, "acme", QuotaScope.ACCOUNT),
                        alone(OTHER));
        try (Circuits worker = Circuits.localOnly(SHIPPED, members, InstantSource.system())) {

            worker.failed(LANE, worker.now(), rateLimit(Duration.ofSeconds(60)));

            assertThat(worker.standing(LANE)).isInstanceOf(Benched.class);
            assertThat(worker.standing(TWIN)).isInstanceOf(Benched.class);
            assertThat(worker.standing(large)).as("another model").isInstanceOf(Admitted.class);
            assertThat(worker.standing(OTHER)).as("lesson 43").isInstanceOf(Admitted.class);
        }
    }

    /** Lesson 24: nobody asks, and yet it closes. */
    @Test
    void aResetThatTheProviderGaveClosesByTimeAndIsToldOnce() throws Exception {
        try (CircuitFleet fleet = new CircuitFleet(SHIPPED, List.of(alone(LANE)))) {
            Circuits first = fleet.join("a");
            Circuits second = fleet.join("b");
            Admitted before = (Admitted) first.standing(LANE);
            CountDownLatch woken = new CountDownLatch(2);

            first.failed(LANE, first.now(), rateLimit(Duration.ofMillis(400)));
            CircuitFleet.await(second, LANE, Benched.class);
            second.onChange(woken::countDown);
            CircuitFleet.await(second, LANE, Admitted.class);
            Await.until("it is on record", () -> fleet.transitions().size() == 2);
            Duration age = first.status().age();
            Await.until("a later view", () -> first.status().age().compareTo(age) < 0);

            assertThat(fleet.transitions())
                    .extracting(Transition::to)
                    .containsExactly(CircuitState.OPEN, CircuitState.CLOSED);
            assertThat(first.standing(LANE)).isEqualTo(second.standing(LANE)).isNotEqualTo(before);
        }
    }

    /** Lessons 4, 7, 11, 56. */
    @Test
    void whatIsNotTheLanesFaultBenchesNothing() {
        try (Circuits worker =
                Circuits.localOnly(SHIPPED, List.of(alone(LANE)), InstantSource.system())) {
            for (ErrorKind kind :
                    List.of(
                            ErrorKind.CANCELLED,
                            ErrorKind.POLICY_DENIED,
                            ErrorKind.CONTENT_POLICY,
                            ErrorKind.CONTEXT_OVERFLOW,
                            ErrorKind.BAD_REQUEST,
                            ErrorKind.INTERNAL)) {
                for (int call = 0; call < 20; call++) {
                    worker.failed(LANE, worker.now(), trouble(kind, Reach.LANE));
                }
            }

            assertThat(worker.rows()).allMatch(row -> row.state().name() == CircuitState.CLOSED);
            assertThat(worker.rows()).allMatch(row -> row.failures() == 0);
        }
    }

    @Test
    void callsOfBeforeTheClosingSayNothing() throws Exception {
        try (CircuitFleet fleet = new CircuitFleet(QUICK, List.of(alone(LANE)))) {
            Circuits worker = fleet.join("a");
            Instant early = worker.now();
            bench(worker);
            awaitProbe(worker, LANE).succeeded();

            worker.failed(LANE, early, trouble(ErrorKind.MODEL_MISSING, Reach.LANE));
            for (int call = 0; call < 10; call++) {
                worker.failed(LANE, early, DOWN);
            }

            assertThat(worker.standing(LANE)).isInstanceOf(Admitted.class);
        }
    }

    /** Lesson 39. */
    @Test
    void aLaneIsBenchedHereThoughTheTableCannotBeWritten() throws Exception {
        try (CircuitFleet fleet = new CircuitFleet(SHIPPED, List.of(alone(LANE)))) {
            Circuits worker = fleet.join("a");
            fleet.update("drop table ${schema}.circuit");

            worker.failed(LANE, worker.now(), trouble(ErrorKind.AUTH, Reach.INSTANCE));

            assertThat(worker.standing(LANE)).isInstanceOf(Benched.class);
            CircuitFleet.awaitSource(worker, Source.AWAY);
            assertThat(worker.standing(LANE)).isInstanceOf(Benched.class);
        }
    }

    @Test
    void operatorsMeanWhatTheirTargetMatches() throws Exception {
        List<Membership> members = List.of(alone(LANE), alone(SIBLING), alone(TWIN), alone(OTHER));
        try (CircuitFleet fleet = new CircuitFleet(SHIPPED, members)) {
            Circuits worker = fleet.join("a");

            List<Transition> denied = worker.operate(action("openai:*:*:small", new Deny()));

            assertThat(denied)
                    .extracting(Transition::key)
                    .containsExactlyInAnyOrder(CircuitKey.ofLane(LANE), CircuitKey.ofLane(TWIN));
            assertThat(denied).allMatch(each -> each.cause().actor().equals("jo"));
            CircuitFleet.await(worker, TWIN, Benched.class);
            assertThat(worker.standing(SIBLING)).isInstanceOf(Admitted.class);
            assertThat(worker.operate(action("azure:main", new Open(Duration.ofMinutes(1)))))
                    .hasSize(1);
            CircuitFleet.await(worker, OTHER, Benched.class);
            assertThatThrownBy(() -> worker.operate(action("opnai:main", new Deny())))
                    .hasMessageContaining("opnai:main: no such circuit");
        }
    }

    @Test
    void theCommandLineNeedsNoWorker() throws Exception {
        try (CircuitFleet fleet = new CircuitFleet(SHIPPED, List.of(alone(LANE)))) {
            CircuitOffice office = fleet.office();

            assertThat(office.rows()).isEmpty();
            assertThat(office.operate(action(INSTANCE_KEY.value(), new Deny()), List.of()))
                    .hasSize(1);
            Circuits worker = fleet.join("a");

            assertThat(worker.standing(LANE)).isInstanceOf(Benched.class);
            assertThat(office.operate(action("*:*", new Reset()), List.of())).hasSize(1);
            CircuitFleet.await(worker, LANE, Admitted.class);
            assertThat(office.rows()).extracting(CircuitStatus::key).containsExactly(INSTANCE_KEY);
        }
    }

    /** Trips, so that the lane is half-open a moment later. */
    private static void bench(Circuits worker) throws Exception {
        for (int call = 0; call < 3; call++) {
            worker.failed(LANE, worker.now(), DOWN);
        }
        Await.until("benched", () -> !(worker.standing(LANE) instanceof Admitted));
    }

    private static boolean wanted(Circuits worker) {
        return worker.standing(LANE) instanceof HalfOpen;
    }

    private static Probe awaitProbe(Circuits worker, LaneId lane) throws Exception {
        Queue<Probe> probe = new ConcurrentLinkedQueue<>();
        Await.until("a probe of " + lane, () -> took(worker, lane, probe));
        return probe.element();
    }

    private static boolean took(Circuits worker, LaneId lane, Queue<Probe> probes) {
        worker.standing(lane);
        Probe probe = worker.probe(lane);
        if (probe != null) {
            probes.add(probe);
        }
        return probe != null;
    }

    private static void candidates(Circuits worker, Queue<Probe> probes) {
        allAtOnce(50, () -> took(worker, LANE, probes));
    }

    private static void allAtOnce(int threads, Runnable task) {
        List<Thread> running = new ArrayList<>();
        CountDownLatch gate = new CountDownLatch(1);
        for (int at = 0; at < threads; at++) {
            running.add(
                    Thread.startVirtualThread(
                            () -> {
                                try {
                                    gate.await();
                                    task.run();
                                } catch (InterruptedException e) {
                                    Thread.currentThread().interrupt();
                                }
                            }));
        }
        gate.countDown();
        try {
            for (Thread each : running) {
                each.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static CircuitSettings authQuickly() {
        return new CircuitSettings(
                3,
                0.5,
                Duration.ofSeconds(60),
                Duration.ofSeconds(15),
                Duration.ofMinutes(10),
                Duration.ofSeconds(30),
                Duration.ofMillis(200),
                Duration.ofMinutes(5),
                Duration.ofHours(1));
    }

    private static OperatorAction action(String target, OperatorAction.Deed deed) {
        return new OperatorAction(new CircuitTarget(target), deed, "because", "jo");
    }
}
