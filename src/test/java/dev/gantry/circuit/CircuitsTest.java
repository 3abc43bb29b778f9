package dev.gantry.circuit;

import static dev.gantry.circuit.state.Samples.LANE;
import static dev.gantry.circuit.state.Samples.SHIPPED;
import static dev.gantry.circuit.state.Samples.alone;
import static dev.gantry.circuit.state.Samples.failure;
import static dev.gantry.circuit.state.Samples.lane;
import static dev.gantry.circuit.state.Samples.member;
import static dev.gantry.circuit.state.Samples.rateLimit;
import static dev.gantry.circuit.state.Steps.action;
import static dev.gantry.circuit.state.Steps.allAtOnce;
import static dev.gantry.circuit.state.Steps.awaitLaterView;
import static dev.gantry.circuit.state.Steps.awaitProbe;
import static dev.gantry.circuit.state.Steps.bench;
import static dev.gantry.circuit.state.Steps.took;

import static org.assertj.core.api.Assertions.assertThat;

import static java.util.Comparator.comparing;

import com.sun.management.ThreadMXBean;

import dev.gantry.circuit.CircuitFeed.Source;
import dev.gantry.circuit.state.CircuitSettings;
import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.circuit.state.LaneAvailability.Admitted;
import dev.gantry.circuit.state.LaneAvailability.Benched;
import dev.gantry.circuit.state.LaneFailure;
import dev.gantry.circuit.state.LaneFailure.Reach;
import dev.gantry.circuit.state.OperatorAction.Reset;
import dev.gantry.circuit.state.QuotaScope;
import dev.gantry.circuit.state.Samples;
import dev.gantry.circuit.state.ScopeMembership;
import dev.gantry.inference.CircuitTransition;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.StateLabel;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.SharedDatabase;
import dev.gantry.testbed.TickingClock;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

@Timeout(120)
class CircuitsTest {
    private static final LaneId TWIN = lane("openai", "second", "small");
    private static final LaneId OTHER = lane("azure", "main", "small");

    /** Benched for a moment, then half-open: tests of probes wait for it. */
    private static final CircuitSettings QUICK = Samples.settings(Duration.ofMillis(200));

    private static final LaneFailure DOWN = failure(ErrorKind.NETWORK, Reach.LANE);

    @Test
    void oneHitBenchesHereAtOnceAndEverywhereByNotification() throws Exception {
        try (CircuitFleet fleet = new CircuitFleet(SHIPPED, List.of(alone(LANE)))) {
            // With clocks that stand still nobody ever polls: all that is known was heard.
            TickingClock still = new TickingClock();
            Circuits first = fleet.join("a", still);
            Circuits second = fleet.join("b", still);
            Circuits third = fleet.join("c", still);

            long[] took = new long[25];
            for (int round = 0; round < took.length; round++) {
                first.failed(LANE, first.now(), failure(ErrorKind.AUTH, Reach.INSTANCE));
                long at = System.nanoTime();
                assertThat(first.availability(LANE)).as("lesson 10").isInstanceOf(Benched.class);
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
        }
    }

    @Test
    void agreesByPollWhereNotificationsAreSwallowed() throws Exception {
        try (CircuitFleet fleet = new CircuitFleet(SHIPPED, List.of(alone(LANE)))) {
            Circuits first = fleet.join("a");
            // Notifications do not cross databases: as silent as a pooler.
            String elsewhere =
                    SharedDatabase.address().url().replaceFirst("(//[^/]+)/[^?]*", "$1/template1");
            TickingClock clock = new TickingClock();
            Circuits deaf = fleet.start("b", elsewhere, clock);
            CircuitFleet.awaitSource(deaf, Source.POLL_ONLY);

            first.failed(LANE, first.now(), failure(ErrorKind.MODEL_MISSING, Reach.LANE));
            Await.until("the table knows", () -> first.status().unsynced() == 0);
            clock.advance(Duration.ofSeconds(1));

            CircuitFleet.await(deaf, LANE, Benched.class);
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
            Await.until("the table knows", () -> !fleet.transitions().isEmpty());

            int statements = fleet.watch().seen().size();
            System.out.printf("2,000 failures at once: %d statements%n", statements);
            assertThat(statements).isLessThanOrEqualTo(50);
            assertThat(fleet.transitions())
                    .extracting(CircuitTransition::to)
                    .containsExactly(StateLabel.OPEN);
        }
    }

    @Test
    void admissionsAndCallsMakeNoStatement() throws Exception {
        try (CircuitFleet fleet = new CircuitFleet(SHIPPED, List.of(alone(LANE), alone(OTHER)))) {
            Circuits worker = fleet.join("a");
            worker.failed(OTHER, worker.now(), failure(ErrorKind.AUTH, Reach.INSTANCE));
            Await.until("the table knows", () -> worker.status().unsynced() == 0);
            fleet.watch().forget();
            String here = Thread.currentThread().getName();

            for (int ask = 0; ask < 1_000_000; ask++) {
                assertThat(worker.availability(LANE) instanceof Admitted).isTrue();
                assertThat(worker.availability(OTHER) instanceof Benched).isTrue();
                worker.called(LANE);
            }

            assertThat(fleet.watch().seen())
                    .as("the background polls, and nothing else")
                    .noneMatch(each -> each.thread().equals(here))
                    .noneMatch(StatementWatch.Seen::writes);
        }
    }

    /** Lesson 2. */
    @Test
    void billingBenchesEveryInstanceOfTheAccountInOneStatementAndNoOther() throws Exception {
        List<ScopeMembership> members =
                List.of(
                        member(LANE, "acme", QuotaScope.LANE),
                        member(TWIN, "acme", QuotaScope.LANE),
                        alone(OTHER));
        try (CircuitFleet fleet = new CircuitFleet(SHIPPED, members)) {
            Circuits worker = fleet.join("a");
            Circuits other = fleet.join("b");
            fleet.watch().forget();

            worker.failed(TWIN, worker.now(), failure(ErrorKind.BILLING, Reach.ACCOUNT));
            CircuitFleet.await(other, LANE, Benched.class);

            assertThat(other.availability(TWIN)).isInstanceOf(Benched.class);
            assertThat(other.availability(OTHER)).isInstanceOf(Admitted.class);
            assertThat(fleet.watch().seen()).filteredOn(StatementWatch.Seen::writes).hasSize(1);
        }
    }

    /** Lesson 43; and lesson 21: one refusal is enough. */
    @Test
    void aRateLimitReachesAsFarAsTheQuotaAndNoFurther() {
        LaneId large = lane("openai", "second", "large");
        List<ScopeMembership> members =
                List.of(
                        member(LANE, "acme", QuotaScope.ACCOUNT),
                        member(TWIN, "acme", QuotaScope.ACCOUNT),
                        member(large, "acme", QuotaScope.ACCOUNT),
                        alone(OTHER));
        try (Circuits worker = Circuits.localOnly(SHIPPED, members, InstantSource.system())) {

            worker.failed(LANE, worker.now(), rateLimit(Duration.ofSeconds(60)));

            assertThat(worker.availability(LANE)).isInstanceOf(Benched.class);
            assertThat(worker.availability(TWIN)).isInstanceOf(Benched.class);
            assertThat(worker.availability(large)).as("another model").isInstanceOf(Admitted.class);
            assertThat(worker.availability(OTHER)).as("lesson 43").isInstanceOf(Admitted.class);
        }
    }

    /** Lesson 24: nobody asks, and yet it closes. */
    @Test
    void aResetThatTheProviderGaveClosesByTimeAndIsToldOnce() throws Exception {
        try (CircuitFleet fleet = new CircuitFleet(SHIPPED, List.of(alone(LANE)))) {
            Circuits first = fleet.join("a");
            Circuits second = fleet.join("b");
            Admitted before = (Admitted) first.availability(LANE);

            first.failed(LANE, first.now(), rateLimit(Duration.ofMillis(400)));
            // Whoever hears of it late has never seen it benched.
            Await.until("it has heard", () -> !second.availability(LANE).equals(before));
            CircuitFleet.await(second, LANE, Admitted.class);
            Await.until("it is on record", () -> fleet.transitions().size() == 2);
            awaitLaterView(first);

            // Whoever saw it open may say so after another has said that it closed.
            assertThat(fleet.transitions().stream().sorted(comparing(CircuitTransition::at)))
                    .extracting(CircuitTransition::to)
                    .containsExactly(StateLabel.OPEN, StateLabel.CLOSED);
            assertThat(first.availability(LANE))
                    .isEqualTo(second.availability(LANE))
                    .isNotEqualTo(before);
        }
    }

    @Test
    void aLaneThatLeavesTheCatalogueIsGoneAndComesBackAsItWas() {
        List<ScopeMembership> both = List.of(alone(LANE), alone(OTHER));
        try (Circuits worker = Circuits.localOnly(SHIPPED, both, InstantSource.system())) {
            worker.failed(LANE, worker.now(), rateLimit(Duration.ofSeconds(60)));
            LaneAvailability benched = worker.availability(LANE);
            LaneAvailability other = worker.availability(OTHER);

            worker.offer(List.of(alone(OTHER)));

            assertThat(worker.availability(LANE)).isInstanceOf(LaneAvailability.Gone.class);
            assertThat(worker.availability(OTHER)).isEqualTo(other);
            worker.offer(both);
            assertThat(worker.availability(LANE)).isEqualTo(benched).isInstanceOf(Benched.class);
        }
    }

    @Test
    void whatCountsAgainstALaneThatStaysGoesOnCounting() {
        List<ScopeMembership> both = List.of(alone(LANE), alone(OTHER));
        try (Circuits worker = Circuits.localOnly(SHIPPED, both, InstantSource.system())) {
            for (int failures = 0; failures < 3; failures++) {
                worker.offer(failures == 1 ? List.of(alone(LANE)) : both);
                worker.called(LANE);
                worker.failed(LANE, worker.now(), failure(ErrorKind.SERVER, Reach.LANE));
            }
            worker.pass();

            assertThat(worker.state(LANE)).isEqualTo(StateLabel.OPEN);
        }
    }

    @Test
    void failuresReachAsFarAsTheNewCatalogueSays() {
        List<ScopeMembership> apart = List.of(alone(LANE), alone(TWIN));
        List<ScopeMembership> together =
                List.of(
                        member(LANE, "acme", QuotaScope.LANE),
                        member(TWIN, "acme", QuotaScope.LANE));
        try (Circuits worker = Circuits.localOnly(SHIPPED, apart, InstantSource.system())) {
            worker.offer(together);

            worker.failed(LANE, worker.now(), failure(ErrorKind.BILLING, Reach.ACCOUNT));

            assertThat(worker.availability(TWIN)).isInstanceOf(Benched.class);
        }
    }

    /** Lessons 4, 7, 11, 28, 56. */
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
                    worker.failed(LANE, worker.now(), failure(kind, Reach.LANE));
                }
            }

            assertThat(worker.rows()).allMatch(row -> row.state().name() == StateLabel.CLOSED);
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

            worker.failed(LANE, early, failure(ErrorKind.MODEL_MISSING, Reach.LANE));
            for (int call = 0; call < 10; call++) {
                worker.failed(LANE, early, DOWN);
            }

            assertThat(worker.availability(LANE)).isInstanceOf(Admitted.class);
        }
    }

    /** Lesson 39. */
    @Test
    void aLaneIsBenchedHereThoughTheTableCannotBeWritten() throws Exception {
        try (CircuitFleet fleet = new CircuitFleet(SHIPPED, List.of(alone(LANE)))) {
            Circuits worker = fleet.join("a");
            fleet.update("drop table ${schema}.circuit");

            worker.failed(LANE, worker.now(), failure(ErrorKind.AUTH, Reach.INSTANCE));

            assertThat(worker.availability(LANE)).isInstanceOf(Benched.class);
            CircuitFleet.awaitSource(worker, Source.AWAY);
            assertThat(worker.availability(LANE)).isInstanceOf(Benched.class);
        }
    }

    /** The JIT may need some rounds to see that nothing escapes. */
    @Test
    void admissionAllocatesNothing() {
        List<LaneId> lanes =
                IntStream.range(0, 200).mapToObj(each -> lane("p", "i" + each, "small")).toList();
        try (Circuits worker =
                Circuits.localOnly(
                        SHIPPED,
                        lanes.stream().map(Samples::alone).toList(),
                        InstantSource.system())) {
            lanes.subList(0, 10)
                    .forEach(
                            each ->
                                    worker.failed(
                                            each,
                                            worker.now(),
                                            failure(ErrorKind.MODEL_MISSING, Reach.LANE)));
            var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            List<LaneId> closed = lanes.subList(10, 200);

            long least = Long.MAX_VALUE;
            for (int round = 0; round < 50 && least > 1_000; round++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                int admitted = admitted(worker, closed, 1_000);
                least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
                assertThat(admitted).isEqualTo(190_000);
            }

            assertThat(least).as("bytes for 190,000 admissions").isLessThan(1_000);
        }
    }

    private static int admitted(Circuits worker, List<LaneId> lanes, int rounds) {
        int admitted = 0;
        for (int round = 0; round < rounds; round++) {
            for (int at = 0; at < lanes.size(); at++) {
                admitted += worker.availability(lanes.get(at)) instanceof Admitted ? 1 : 0;
            }
        }
        return admitted;
    }
}
