package dev.gantry.circuit;

import static dev.gantry.circuit.state.Samples.LANE;
import static dev.gantry.circuit.state.Samples.alone;
import static dev.gantry.circuit.state.Samples.failure;
import static dev.gantry.circuit.state.Samples.lane;
import static dev.gantry.circuit.state.Steps.authQuickly;
import static dev.gantry.circuit.state.Steps.awaitLaterView;
import static dev.gantry.circuit.state.Steps.awaitProbe;
import static dev.gantry.circuit.state.Steps.bench;
import static dev.gantry.circuit.state.Steps.candidates;
import static dev.gantry.circuit.state.Steps.took;
import static dev.gantry.circuit.state.Steps.wanted;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.circuit.state.CircuitSettings;
import dev.gantry.circuit.state.CircuitStatus;
import dev.gantry.circuit.state.LaneAvailability.Admitted;
import dev.gantry.circuit.state.LaneAvailability.Benched;
import dev.gantry.circuit.state.LaneAvailability.HalfOpen;
import dev.gantry.circuit.state.LaneFailure;
import dev.gantry.circuit.state.LaneFailure.Reach;
import dev.gantry.circuit.state.Samples;
import dev.gantry.circuit.state.Steps;
import dev.gantry.inference.CircuitTransition;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.StateLabel;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.Settings;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

@Timeout(120)
class ProbeTest {
    private static final LaneId SIBLING = lane("openai", "main", "large");

    /** Benched for a moment, then half-open: tests of probes wait for it. */
    private static final CircuitSettings QUICK = Samples.settings(Duration.ofMillis(200));

    private static final LaneFailure DOWN = failure(ErrorKind.NETWORK, Reach.LANE);

    /** Lesson 41. */
    @Test
    void oneProbeFleetWideForFiftyCandidatesOnEachOfThreeWorkers() throws Exception {
        try (CircuitFleet fleet = new CircuitFleet(QUICK, List.of(alone(LANE)))) {
            List<Circuits> workers = List.of(fleet.join("a"), fleet.join("b"), fleet.join("c"));
            bench(workers.getFirst());
            Await.until("told", () -> fleet.transitions().size() == 1);
            fleet.live();
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
            // A second winner would have its claim by now: each worker has read the table since.
            for (Circuits each : workers) {
                awaitLaterView(each);
                candidates(each, probes);
            }

            assertThat(probes).hasSize(1);
            probes.element().succeeded();
            for (Circuits each : workers) {
                CircuitFleet.await(each, LANE, Admitted.class);
            }
            // The others may hear of it before the one that wrote it has told.
            Await.until("told", () -> fleet.transitions().size() == 3);
            assertThat(fleet.transitions())
                    .extracting(CircuitTransition::to)
                    .containsExactly(StateLabel.OPEN, StateLabel.HALF_OPEN, StateLabel.CLOSED);
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

            // Half-open again as soon as its time is over.
            assertThat(worker.availability(LANE)).isNotInstanceOf(Admitted.class);
            CircuitStatus row = worker.rows().getLast();
            assertThat(row.trips()).isEqualTo(2);
            Await.until("told", () -> fleet.transitions().size() >= 3);
            assertThat(fleet.transitions().subList(0, 3))
                    .extracting(CircuitTransition::to)
                    .containsExactly(StateLabel.OPEN, StateLabel.HALF_OPEN, StateLabel.OPEN);
        }
    }

    @Test
    void aProbeThatNobodyTakesGoesToAnotherWorker() throws Exception {
        try (CircuitFleet fleet = new CircuitFleet(QUICK, List.of(alone(LANE)))) {
            Circuits idle = fleet.join("a");
            bench(idle);
            CircuitFleet.await(idle, LANE, HalfOpen.class);
            Await.until("the claim lies ready", () -> wanted(idle) && idle.probesReady());

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
            fleet.live();
            Probe probe = awaitProbe(owner, LANE);
            Circuits other = fleet.join("b");
            fleet.update("update ${schema}.circuit set lease_from = lease_from - interval '11 s'");

            for (int poll = 0; poll < 3; poll++) {
                other.wanted(LANE);
                awaitLaterView(other);
                assertThat(other.probe(LANE)).isNull();
            }
            probe.ignored();
        }
    }

    /** Two claims, one call: else instance and lane would wait for each other for ever. */
    @Test
    void oneCallProbesAnInstanceAndItsOnlyLane() throws Exception {
        CircuitSettings quick =
                Settings.shipped(
                        CircuitSettings.class,
                        "cooldown=200ms",
                        "rate-limit-cooldown=200ms",
                        "auth-cooldown=200ms",
                        "billing-cooldown=200ms");
        try (CircuitFleet fleet = new CircuitFleet(quick, List.of(alone(LANE)))) {
            Circuits first = fleet.join("a");
            Circuits second = fleet.join("b");
            bench(first);
            first.failed(LANE, first.now(), failure(ErrorKind.AUTH, Reach.INSTANCE));
            // Whoever knew of the lane alone would prove no more than that.
            Await.until("it knows of both", () -> holdsAllBack(second));
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

    private static boolean holdsAllBack(Circuits worker) {
        return worker.rows().stream().noneMatch(each -> each.state().name() == StateLabel.CLOSED);
    }

    /** A model that is down says nothing of the key; another one's probe may. */
    @Test
    void anInstancesProbeThatMeetsADeadLaneLeavesTheInstanceToOthers() throws Exception {
        try (CircuitFleet fleet =
                new CircuitFleet(authQuickly(), List.of(alone(LANE), alone(SIBLING)))) {
            Circuits worker = fleet.join("a");
            worker.failed(LANE, worker.now(), failure(ErrorKind.AUTH, Reach.INSTANCE));
            for (int each = 0; each < 3; each++) {
                awaitProbe(worker, LANE).failed(Steps.DOWN);
            }
            Await.until("the lane is benched", () -> worker.availability(LANE) instanceof Benched);
            assertThat(worker.availability(SIBLING)).isInstanceOf(HalfOpen.class);

            awaitProbe(worker, SIBLING).succeeded();

            assertThat(worker.availability(SIBLING)).isInstanceOf(Admitted.class);
            assertThat(worker.availability(LANE)).isInstanceOf(Benched.class);
        }
    }

    /** A key that works, though the model is gone: the instance is well, the lane is not. */
    @Test
    void anInstancesProbeThatFindsNoModelBenchesTheLaneAlone() throws Exception {
        try (CircuitFleet fleet =
                new CircuitFleet(authQuickly(), List.of(alone(LANE), alone(SIBLING)))) {
            Circuits worker = fleet.join("a");
            worker.failed(LANE, worker.now(), failure(ErrorKind.AUTH, Reach.INSTANCE));
            assertThat(worker.availability(SIBLING)).isNotInstanceOf(Admitted.class);

            awaitProbe(worker, LANE).failed(failure(ErrorKind.MODEL_MISSING, Reach.LANE));

            assertThat(worker.availability(SIBLING)).isInstanceOf(Admitted.class);
            assertThat(worker.availability(LANE)).isInstanceOf(Benched.class);
        }
    }
}
