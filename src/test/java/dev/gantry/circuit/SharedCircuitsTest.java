package dev.gantry.circuit;

import static dev.gantry.circuit.Samples.A;
import static dev.gantry.circuit.Samples.A_OTHER;
import static dev.gantry.circuit.Samples.B;
import static dev.gantry.circuit.Samples.limited;
import static dev.gantry.circuit.Samples.trouble;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;

import dev.gantry.circuit.CircuitFeed.Source;
import dev.gantry.circuit.Standing.Admitted;
import dev.gantry.circuit.Standing.Benched;
import dev.gantry.circuit.Standing.HalfOpen;
import dev.gantry.circuit.Trouble.Reach;
import dev.gantry.fleet.DatabaseSettings;
import dev.gantry.fleet.FleetSchema;
import dev.gantry.fleet.SchemaName;
import dev.gantry.fleet.WorkerHeartbeat;
import dev.gantry.fleet.WorkerName;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.LaneId;
import dev.gantry.testbed.SharedDatabase;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import javax.sql.DataSource;

/** Three workers of one JVM on one real table. */
@Timeout(120)
class SharedCircuitsTest {
    private static final Duration COOLDOWN = Duration.ofMillis(1500);

    private final SchemaName schema = new SchemaName(SharedDatabase.uniqueSchema());
    private final HikariDataSource pool = pool();
    private final CountedStatements counted = new CountedStatements(pool);
    private final List<Worker> workers = new ArrayList<>();
    private final List<Transition> transitions = new CopyOnWriteArrayList<>();

    /** One worker as the others know it. */
    private record Worker(Circuits circuits, WorkerHeartbeat heartbeat) {}

    @BeforeEach
    void start() throws InterruptedException {
        new FleetSchema(pool, schema).migrate();
        for (int each = 0; each < 3; each++) {
            workers.add(join("w" + each, pool));
        }
        for (Worker worker : workers) {
            await().until(() -> worker.circuits().status().source() == Source.NOTIFY);
        }
    }

    @AfterEach
    void stop() {
        for (Worker worker : workers) {
            worker.circuits().close();
            worker.heartbeat().close();
        }
        pool.close();
    }

    @Test
    void whatOneWorkerLearnsAllKnow() throws InterruptedException {
        circuits(0).failed(A, circuits(0).now(), trouble(ErrorKind.AUTH, Reach.INSTANCE));

        for (Worker worker : workers) {
            await().until(() -> worker.circuits().standing(A_OTHER) instanceof Benched);
        }
        await().until(() -> transitions.size() == 1);
        assertThat(transitions.getFirst().to()).isEqualTo(CircuitState.OPEN);
        assertThat(transitions.getFirst().cause().kind()).isEqualTo(ErrorKind.AUTH);
    }

    @Test
    void aStormOfFailuresTakesFewStatements() throws InterruptedException {
        Circuits circuits = joined("storm", counted);
        int before = counted.statements();
        CountDownLatch ready = new CountDownLatch(1);
        List<Thread> calls = new ArrayList<>();
        for (int each = 0; each < 2_000; each++) {
            calls.add(
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        awaitQuietly(ready);
                                        circuits.called(B);
                                        circuits.failed(
                                                B,
                                                circuits.now(),
                                                trouble(ErrorKind.SERVER, Reach.LANE));
                                    }));
        }
        ready.countDown();
        for (Thread call : calls) {
            call.join();
        }

        await().until(() -> circuits(2).standing(B) instanceof Benched);
        int statements = counted.statements() - before;
        System.out.println("statements for 2,000 simultaneous failures: " + statements);
        assertThat(statements).isLessThanOrEqualTo(50);
    }

    @Test
    void admissionsAskNoDatabase() throws InterruptedException {
        Circuits circuits = joined("reader", counted);
        await().until(() -> circuits.status().source() == Source.NOTIFY);
        int before = counted.statements();
        long began = System.nanoTime();

        boolean admitted = true;
        for (int each = 0; each < 1_000_000; each++) {
            admitted &= circuits.standing(each % 2 == 0 ? A : B) instanceof Admitted;
        }

        // The poll goes on meanwhile, once a second, with an echo now and then.
        long seconds = Duration.ofNanos(System.nanoTime() - began).toSeconds();
        assertThat(admitted).isTrue();
        assertThat(counted.statements() - before).isLessThanOrEqualTo(4 + 3 * (int) seconds);
    }

    @Test
    void lesson41OneProbePassesHoweverManyWouldCarryIt() throws InterruptedException {
        trip(B);
        AtomicInteger probes = new AtomicInteger();
        AtomicInteger atOnce = new AtomicInteger();
        List<Thread> candidates = new ArrayList<>();
        CountDownLatch closed = new CountDownLatch(1);
        for (int each = 0; each < 150; each++) {
            Circuits circuits = circuits(each % 3);
            candidates.add(
                    Thread.ofVirtual().start(() -> candidate(circuits, probes, atOnce, closed)));
        }

        assertThat(closed.await(30, TimeUnit.SECONDS)).isTrue();
        for (Thread candidate : candidates) {
            candidate.join();
        }

        assertThat(probes).hasValue(1);
        assertThat(atOnce).hasValue(0);
        for (Worker worker : workers) {
            await().until(() -> worker.circuits().standing(B) instanceof Admitted);
        }
    }

    @Test
    void aFailedProbeKeepsTheLaneBenchedForLonger() throws InterruptedException {
        trip(B);
        Probe probe = awaitProbe(circuits(1), B);

        probe.failed(trouble(ErrorKind.SERVER, Reach.LANE));

        await().until(() -> circuits(0).standing(B) instanceof Benched);
        CircuitStatus row = row(B);
        assertThat(row.trips()).isEqualTo(2);
    }

    @Test
    void aProbeWhoseOwnerDiedIsMadeByAnother() throws InterruptedException {
        trip(B);
        Worker owner = workers.get(1);
        awaitProbe(owner.circuits(), B);

        owner.circuits().abandon();
        owner.heartbeat().close();

        assertThat(awaitProbe(circuits(2), B)).isNotNull();
    }

    @Test
    void lesson37ADenialOutlastsTripsAndRestarts() throws InterruptedException {
        CircuitOffice office = new CircuitOffice(pool, schema);
        office.operate(
                new OperatorAction(
                        new CircuitTarget("b:default:inference:m"),
                        new OperatorAction.Deny(),
                        "no longer wanted",
                        "jo"),
                List.of());
        await().until(() -> circuits(0).standing(B) instanceof Benched);

        circuits(0).failed(B, circuits(0).now(), trouble(ErrorKind.AUTH, Reach.INSTANCE));
        circuits(0).failed(B, circuits(0).now(), limited(Duration.ofMillis(200)));
        Circuits restarted = joined("restarted", pool);

        await().until(() -> restarted.standing(B) instanceof Benched);
        assertThat(row(B).state().name()).isEqualTo(CircuitState.DENIED);

        office.operate(
                new OperatorAction(
                        new CircuitTarget("b:*"), new OperatorAction.Reset(), "wanted", "jo"),
                List.of());
        office.operate(
                new OperatorAction(
                        new CircuitTarget("b:*:*:*"), new OperatorAction.Reset(), "wanted", "jo"),
                List.of());
        await().until(() -> restarted.standing(B) instanceof Admitted);
    }

    @Test
    void aLimitEndsByItselfForAllAndIsRecordedOnce() throws InterruptedException {
        circuits(0).failed(A, circuits(0).now(), limited(Duration.ofMillis(700)));
        await().until(() -> circuits(2).standing(A) instanceof Benched);

        for (Worker worker : workers) {
            await().until(() -> worker.circuits().standing(A) instanceof Admitted);
        }

        await().until(() -> transitions.size() == 2);
        assertThat(transitions)
                .extracting(Transition::to)
                .containsExactly(CircuitState.OPEN, CircuitState.CLOSED);
    }

    private void candidate(
            Circuits circuits, AtomicInteger probes, AtomicInteger atOnce, CountDownLatch closed) {
        while (closed.getCount() > 0) {
            if (circuits.standing(B) instanceof HalfOpen) {
                Probe probe = circuits.probe(B);
                if (probe != null) {
                    probes.incrementAndGet();
                    assertThat(atOnce.incrementAndGet()).isEqualTo(1);
                    awaitQuietly(Duration.ofMillis(300), closed);
                    atOnce.decrementAndGet();
                    probe.succeeded();
                    closed.countDown();
                }
            }
            awaitQuietly(Duration.ofMillis(5), closed);
        }
    }

    /** Three failures in a row; all workers know. */
    private void trip(LaneId lane) throws InterruptedException {
        Circuits first = circuits(0);
        for (int each = 0; each < 3; each++) {
            first.called(lane);
            first.failed(lane, first.now(), trouble(ErrorKind.SERVER, Reach.LANE));
        }
        for (Worker worker : workers) {
            await().until(() -> !(worker.circuits().standing(lane) instanceof Admitted));
        }
    }

    private static Probe awaitProbe(Circuits circuits, LaneId lane) throws InterruptedException {
        Probe[] taken = new Probe[1];
        await().until(
                        () -> {
                            circuits.standing(lane);
                            @Nullable Probe probe = circuits.probe(lane);
                            if (probe != null) {
                                taken[0] = probe;
                            }
                            return probe != null;
                        });
        return taken[0];
    }

    private CircuitStatus row(LaneId lane) {
        return new CircuitOffice(pool, schema)
                .rows().stream()
                        .filter(each -> each.key().equals(CircuitKey.ofLane(lane)))
                        .findFirst()
                        .orElseThrow();
    }

    private Circuits circuits(int worker) {
        return workers.get(worker).circuits();
    }

    private Circuits joined(String name, DataSource source) throws InterruptedException {
        Worker joined = join(name, source);
        workers.add(joined);
        return joined.circuits();
    }

    private Worker join(String name, DataSource source) throws InterruptedException {
        WorkerName worker = WorkerName.of(name);
        WorkerHeartbeat heartbeat = new WorkerHeartbeat(pool, schema, worker, "test");
        heartbeat.start();
        await().until(heartbeat::heard);
        Circuits circuits =
                Circuits.shared(
                        Samples.settings(COOLDOWN),
                        List.of(
                                new Membership(A, "acme", QuotaScope.LANE),
                                new Membership(A_OTHER, "acme", QuotaScope.LANE),
                                new Membership(B, "b", QuotaScope.LANE)),
                        worker,
                        source,
                        new DatabaseSettings(schema, null),
                        InstantSource.system());
        circuits.onTransition(transitions::add);
        circuits.start();
        return new Worker(circuits, heartbeat);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        awaitQuietly(Duration.ofSeconds(30), latch);
    }

    private static void awaitQuietly(Duration limit, CountDownLatch latch) {
        try {
            var _ = latch.await(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static HikariDataSource pool() {
        SharedDatabase.Address address = SharedDatabase.address();
        HikariDataSource pool = new HikariDataSource();
        pool.setJdbcUrl(address.url());
        pool.setUsername(address.username());
        pool.setPassword(address.password());
        pool.setMaximumPoolSize(6);
        pool.setConnectionTimeout(2_000);
        return pool;
    }
}
