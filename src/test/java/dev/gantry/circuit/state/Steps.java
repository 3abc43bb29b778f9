package dev.gantry.circuit.state;

import static dev.gantry.circuit.state.Samples.LANE;
import static dev.gantry.circuit.state.Samples.LANE_KEY;
import static dev.gantry.circuit.state.Samples.failure;
import static dev.gantry.circuit.state.Samples.lane;

import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.Probe;
import dev.gantry.circuit.state.LaneAvailability.HalfOpen;
import dev.gantry.circuit.state.LaneFailure.Reach;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.StateLabel;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.Settings;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** What tests of circuits do again and again. */
public final class Steps {
    public static final LaneFailure DOWN = failure(ErrorKind.NETWORK, Reach.LANE);

    /** Some seconds of them. */
    private static final int LOOKS = 300;

    private Steps() {}

    /**
     * Trips for the fleet, so that the lane is half-open a moment later. Three failures are enough
     * where the worker reports them together; a slow machine may report the first one alone.
     */
    public static void bench(Circuits worker) throws Exception {
        AtomicInteger looks = new AtomicInteger();
        Await.until(
                "benched for the fleet",
                () -> {
                    if (looks.getAndIncrement() % LOOKS == 0) {
                        for (int call = 0; call < 3; call++) {
                            worker.failed(LANE, worker.now(), DOWN);
                        }
                    }
                    return worker.rows().stream()
                            .anyMatch(
                                    each ->
                                            each.key().equals(LANE_KEY)
                                                    && each.state().name() != StateLabel.CLOSED);
                });
    }

    /** The view grows older until the table is read again. */
    public static void awaitLaterView(Circuits worker) throws Exception {
        AtomicReference<Duration> age = new AtomicReference<>(Duration.ZERO);
        Await.until(
                "a later view",
                () -> {
                    Duration now = worker.status().age();
                    return now.compareTo(age.getAndSet(now)) < 0;
                });
    }

    public static boolean wanted(Circuits worker) {
        worker.wanted(LANE);
        return worker.availability(LANE) instanceof HalfOpen;
    }

    public static boolean took(Circuits worker, LaneId lane, Queue<Probe> probes) {
        worker.wanted(lane);
        Probe probe = worker.probe(lane);
        if (probe != null) {
            probes.add(probe);
        }
        return probe != null;
    }

    public static Probe awaitProbe(Circuits worker, LaneId lane) throws Exception {
        Queue<Probe> probe = new ConcurrentLinkedQueue<>();
        Await.until("a probe of " + lane, () -> took(worker, lane, probe));
        return probe.element();
    }

    public static void candidates(Circuits worker, Queue<Probe> probes) {
        allAtOnce(50, () -> took(worker, LANE, probes));
    }

    public static void allAtOnce(int threads, Runnable task) {
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

    public static CircuitSettings authQuickly() {
        return Settings.shipped(CircuitSettings.class, "auth-cooldown=200ms");
    }

    public static OperatorAction action(String target, OperatorAction.Deed deed) {
        return new OperatorAction(new CircuitTarget(target), deed, "because", "jo");
    }
}
