package dev.gantry.circuit;

import static dev.gantry.circuit.state.Samples.SHIPPED;
import static dev.gantry.circuit.state.Samples.lane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.admission.AdmissionControl;
import dev.gantry.admission.AdmissionRequest;
import dev.gantry.admission.AdmissionResult;
import dev.gantry.admission.AdmissionSettings;
import dev.gantry.admission.CallFeedback;
import dev.gantry.admission.Candidate;
import dev.gantry.admission.Permit;
import dev.gantry.admission.QueuedRequest;
import dev.gantry.circuit.state.LaneFailure;
import dev.gantry.circuit.state.LaneFailure.Reach;
import dev.gantry.circuit.state.Samples;
import dev.gantry.inference.CircuitKey;
import dev.gantry.inference.CircuitTransition;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.StateLabel;
import dev.gantry.inference.WhenBenched;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Fleets of many workers, their circuits and their traffic, in simulated time. Nothing is warm: the
 * errors are there from the first call.
 */
class ManyWorkersTest {
    private static final long SEED =
            Long.getLong("seed", new SplittableRandom().nextLong(1_000_000));

    /** Every lane dies for a while and is well again, but for the errors that all lanes have. */
    @ParameterizedTest(name = "{0} workers, {1} of errors")
    @CsvSource({"50, 0.02, 40, 10", "200, 0.02, 40, 4"})
    void aLaneThatClosesStaysClosed(int workers, double errors, int lanes, double perWorker) {
        Town town = new Town(workers, lanes, SEED);
        town.errors = errors;
        town.perWorker = perWorker;

        town.errors = 1;
        town.run(Duration.ofSeconds(8));
        town.errors = errors;
        town.run(Duration.ofSeconds(50));

        long closed = town.closings().size();
        long again = town.trippedWithin(Duration.ofSeconds(10));
        System.out.printf(
                Locale.ROOT,
                "%d workers, %.0f %% errors, seed %d: %d lanes closed, %d tripped again within 10 s%n",
                workers,
                100 * errors,
                SEED,
                closed,
                again);
        assertThat(town.everOpened()).as("seed %d: lanes that died", SEED).isEqualTo(lanes);
        // A lane whose probe met one of the errors rests twice as long, or four times.
        assertThat(closed)
                .as("seed %d: lanes that came back", SEED)
                .isGreaterThanOrEqualTo(lanes - lanes / 10);
        assertThat(again).as("seed %d", SEED).isLessThan(Math.max(1, closed / 100));
    }

    /** From the first call: nobody has ever seen the lane do well. */
    @Test
    void ordinaryErrorsFromTheFirstCallOpenNothing() {
        Town town = new Town(200, 40, SEED);
        town.errors = 0.02;
        town.perWorker = 4;

        town.run(Duration.ofSeconds(20));

        assertThat(town.everOpened()).as("seed %d", SEED).isZero();
    }

    @Test
    void oneWorkerWithoutANetworkStopsNobodyElse() {
        double undisturbed = answeredByOthers(false);
        double beside = answeredByOthers(true);

        System.out.printf(
                Locale.ROOT,
                "one of three without a network, seed %d: the others keep %.4f%n",
                SEED,
                beside / undisturbed);
        assertThat(beside / undisturbed).as("seed %d", SEED).isGreaterThanOrEqualTo(0.98);
    }

    private static double answeredByOthers(boolean disturbed) {
        Town town = new Town(3, 2, SEED);
        town.errors = 0.01;
        town.perWorker = 50;
        town.run(Duration.ofSeconds(10));
        town.cut = disturbed ? 0 : -1;
        town.answered = 0;
        town.run(Duration.ofSeconds(60));
        if (disturbed) {
            assertThat(town.fleet.workers().getFirst().contradicted())
                    .as("seed %d", SEED)
                    .containsExactly("p0:main", "p1:main");
            assertThat(town.everOpened()).as("seed %d", SEED).isZero();
        }
        return town.answered;
    }

    @Test
    void refusalsAtRandomLeaveTheLaneItsPace() {
        double undisturbed = answered(0);
        double beside = answered(0.03);

        System.out.printf(
                Locale.ROOT,
                "3 %% random 429 without a time, seed %d: %.0f/s of %.0f/s, %.3f%n",
                SEED,
                beside / 60,
                undisturbed / 60,
                beside / undisturbed);
        assertThat(beside / undisturbed).as("seed %d", SEED).isGreaterThanOrEqualTo(0.9);
    }

    private static double answered(double refusals) {
        Town town = new Town(1, 1, SEED);
        town.refusals = refusals;
        town.step = Duration.ofMillis(4);
        town.perWorker = 2_000;
        town.run(Duration.ofSeconds(60));
        return town.answeredByAll;
    }

    /** Workers, each with its circuits, its traffic and requests of its own for every lane. */
    private static final class Town {
        final SimulatedFleet fleet;
        double errors;
        double refusals;

        /** As fine as what is measured: a pace lets out what fell due since the last step. */
        Duration step = Duration.ofMillis(40);

        /** Requests per second of each worker, over all lanes. */
        double perWorker;

        /** The worker whose calls all fail; its answers are not counted. */
        int cut = -1;

        long answered;
        long answeredByAll;

        private final List<LaneId> lanes;
        private final List<AdmissionControl> traffics = new ArrayList<>();
        private final SplittableRandom random;
        private final Queue<Runnable> ready = new ArrayDeque<>();
        private final PriorityQueue<Event> events =
                new PriorityQueue<>(
                        Comparator.comparingLong(Event::at).thenComparingLong(Event::number));
        private long numbers;

        private record Event(long at, long number, Runnable what) {}

        Town(int workers, int lanes, long seed) {
            this.lanes =
                    IntStream.range(0, lanes)
                            .mapToObj(each -> lane("p" + each, "main", "small"))
                            .toList();
            this.random = new SplittableRandom(seed);
            this.fleet =
                    new SimulatedFleet(
                            workers,
                            SHIPPED,
                            this.lanes.stream().map(Samples::alone).toList(),
                            seed);
            for (Circuits each : fleet.workers()) {
                traffics.add(
                        new AdmissionControl(
                                new AdmissionSettings(2_000, 1),
                                each,
                                fleet,
                                fleet,
                                () -> true,
                                random.split()));
            }
        }

        void run(Duration time) {
            long end = fleet.getAsLong() + time.toNanos();
            while (fleet.getAsLong() < end) {
                arrive();
                fleet.advance(step);
                while (!events.isEmpty() && events.peek().at() <= fleet.getAsLong()) {
                    events.remove().what().run();
                }
                traffics.forEach(AdmissionControl::lookAround);
                while (!ready.isEmpty()) {
                    ready.remove().run();
                }
            }
        }

        private void arrive() {
            double each = perWorker * step.toMillis() / 1_000;
            for (int worker = 0; worker < traffics.size(); worker++) {
                int count = (int) each + (random.nextDouble() < each % 1 ? 1 : 0);
                for (int request = 0; request < count; request++) {
                    ask(worker, lanes.get(random.nextInt(lanes.size())), Candidate.Past.UNTRIED);
                }
            }
        }

        private void ask(int worker, LaneId lane, Candidate.Past past) {
            AdmissionRequest ask =
                    new AdmissionRequest(
                            List.of(new Candidate(lane, Instant.MIN, past)),
                            fleet.instant().plus(Duration.ofHours(1)).plusNanos(numbers++),
                            true,
                            WhenBenched.WAIT);
            switch (traffics.get(worker).enter(ask, null)) {
                case AdmissionResult.Granted(Permit permit) -> call(worker, permit);
                case AdmissionResult.Waiting(QueuedRequest queued) ->
                        queued.whenOver(
                                () ->
                                        ready.add(
                                                () -> {
                                                    Permit permit = queued.permit();
                                                    if (permit != null) {
                                                        call(worker, permit);
                                                    }
                                                }));
                case AdmissionResult.AllBenched _ -> throw new IllegalStateException("it waits");
            }
        }

        private void call(int worker, Permit permit) {
            Circuits circuits = fleet.workers().get(worker);
            Instant began = circuits.now();
            if (permit instanceof Permit.Ordinary) {
                circuits.called(permit.lane());
            }
            double luck = random.nextDouble();
            boolean failed = worker == cut || luck < errors;
            boolean refused = !failed && luck < errors + refusals;
            long took = failed || refused ? 20 + random.nextInt(60) : 100 + random.nextInt(200);
            after(took, () -> ended(worker, permit, began, failed, refused));
        }

        private void ended(
                int worker, Permit permit, Instant began, boolean failed, boolean refused) {
            Circuits circuits = fleet.workers().get(worker);
            LaneId lane = permit.lane();
            LaneFailure failure = null;
            if (failed) {
                failure = new LaneFailure(ErrorKind.SERVER, Reach.LANE, null, "HTTP 500");
            } else if (refused) {
                failure = new LaneFailure(ErrorKind.RATE_LIMIT, Reach.QUOTA, null, "HTTP 429");
            }
            if (permit instanceof Permit.Probing probing && failure != null) {
                probing.probe().failed(failure);
            } else if (permit instanceof Permit.Probing probing) {
                probing.probe().succeeded();
            } else if (failure != null) {
                circuits.failed(lane, began, failure);
            } else {
                circuits.answered(lane);
            }
            AdmissionControl admission = traffics.get(worker);
            admission.told(
                    permit,
                    refused
                            ? CallFeedback.SLOWED
                            : failed ? CallFeedback.NOTHING : CallFeedback.ANSWERED);
            admission.leave(permit);
            if (failure == null) {
                answeredByAll++;
                answered += worker == 0 ? 0 : 1;
            } else {
                after(1_000, () -> ask(worker, lane, Candidate.Past.FAILED));
            }
        }

        private void after(long millis, Runnable what) {
            events.add(new Event(fleet.getAsLong() + millis * 1_000_000, numbers++, what));
        }

        long everOpened() {
            Set<CircuitKey> opened = new HashSet<>();
            fleet.transitions().stream()
                    .filter(move -> move.to() == StateLabel.OPEN)
                    .forEach(move -> opened.add(move.key()));
            return opened.size();
        }

        List<CircuitTransition> closings() {
            return fleet.transitions().stream()
                    .filter(move -> move.to() == StateLabel.CLOSED)
                    .toList();
        }

        long trippedWithin(Duration time) {
            Map<CircuitKey, Instant> closed = new HashMap<>();
            long again = 0;
            for (CircuitTransition move : fleet.transitions()) {
                if (move.to() == StateLabel.CLOSED) {
                    closed.put(move.key(), move.at());
                }
                Instant at = closed.get(move.key());
                if (move.to() == StateLabel.OPEN
                        && move.from() == StateLabel.CLOSED
                        && at != null
                        && move.at().isBefore(at.plus(time))) {
                    again++;
                }
            }
            return again;
        }
    }
}
