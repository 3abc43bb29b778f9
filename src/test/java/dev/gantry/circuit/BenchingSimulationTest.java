package dev.gantry.circuit;

import static dev.gantry.circuit.state.Samples.LANE_KEY;
import static dev.gantry.circuit.state.Samples.SHIPPED;
import static dev.gantry.circuit.state.Samples.trip;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.circuit.state.Circuit;
import dev.gantry.circuit.state.CircuitEvent;
import dev.gantry.circuit.state.CircuitState;
import dev.gantry.circuit.state.FailureWindow;
import dev.gantry.circuit.state.FailureWindow.Batch;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.StateLabel;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * Simulated traffic on one lane, each worker with its own successes and its own coalesced reports.
 *
 * <p>What {@link FailureWindow#MEMORY} rests on; the printed lines say how near a lane came to its
 * bench.
 */
class BenchingSimulationTest {
    private static final long NANOS = 1_000_000_000L;
    private static final long SEED =
            Long.getLong("seed", new SplittableRandom().nextLong(1_000_000));

    /**
     * Lanes are warm before the errors are judged: three of a lane's first six calls may bench it.
     */
    private static final int WARM_CALLS = 200;

    @ParameterizedTest(name = "{0} of errors, {1} calls/s, {2} workers, {3} h")
    @CsvSource({
        "0.02, 500, 3,  8",
        "0.05, 500, 3,  8",
        "0.05, 500, 30, 4",
        "0.05, 500, 1,  4",
        "0.05, 20,  3,  48",
        "0.10, 500, 3,  4",
    })
    void independentErrorsNeverBench(double errors, int rate, int workers, int hours) {
        Lane lane = new Lane(workers, SEED);
        long calls = 3600L * hours * rate;
        double worst = 0;

        for (long call = 0; call < calls; call++) {
            lane.call(call * NANOS / rate, call < WARM_CALLS ? 0 : errors);
            FailureWindow window = lane.circuit.window();
            if (window.failures() >= SHIPPED.failureThreshold()) {
                worst = Math.max(worst, window.failures() / window.calls());
            }
            assertThat(lane.circuit.state().state())
                    .as("seed %d, call %d", SEED, call)
                    .isEqualTo(StateLabel.CLOSED);
        }

        System.out.printf(
                Locale.ROOT,
                "errors %.0f %%, %d/s, %d workers, %d h, seed %d: worst ratio %.3f of %.1f%n",
                100 * errors,
                rate,
                workers,
                hours,
                SEED,
                worst,
                SHIPPED.failureRatio());
    }

    @ParameterizedTest(name = "{0} calls/s, {1} workers")
    @CsvSource({"500, 1", "500, 3", "500, 30", "100, 3"})
    void aDeadLaneIsBenchedWithinASecond(int rate, int workers) {
        long[] took = new long[200];
        for (int round = 0; round < took.length; round++) {
            took[round] = death(rate, workers, SEED + round);
        }

        Arrays.sort(took);
        long worst = took[took.length - 1];
        System.out.printf(
                Locale.ROOT,
                "%d/s, %d workers, seed %d: dead lane benched after %d ms (median), %d ms (worst)%n",
                rate,
                workers,
                SEED,
                took[took.length / 2] / 1_000_000,
                worst / 1_000_000);
        assertThat(worst).as("seed %d", SEED).isLessThan(NANOS);
    }

    /** A minute of health with 2 % errors, then every call fails. */
    private static long death(int rate, int workers, long seed) {
        Lane lane = new Lane(workers, seed);
        long dies = 60 * NANOS + new SplittableRandom(seed).nextLong(30 * NANOS);
        for (long call = 0; ; call++) {
            long at = call * NANOS / rate;
            lane.call(at, at < dies ? 0.02 : 1);
            if (lane.circuit.state() instanceof CircuitState.Open) {
                return at - dies;
            }
        }
    }

    private static final class Lane {
        private final SplittableRandom random;
        private final Reporter[] workers;
        private Circuit circuit = Circuit.pristine(LANE_KEY);

        Lane(int workers, long seed) {
            this.random = new SplittableRandom(seed);
            this.workers = new Reporter[workers];
            Arrays.setAll(this.workers, _ -> new Reporter());
        }

        void call(long nanos, double errors) {
            Reporter worker = workers[random.nextInt(workers.length)];
            if (random.nextDouble() < errors) {
                worker.failures++;
            } else {
                worker.successes++;
            }
            for (Reporter each : workers) {
                circuit = each.report(circuit, nanos);
            }
        }
    }

    /** As LaneView reports: the first failure at once, then coalesced. */
    private static final class Reporter {
        private int successes;
        private int failures;
        private long reportsAt;

        Circuit report(Circuit circuit, long nanos) {
            if (failures == 0 || nanos < reportsAt) {
                return circuit;
            }
            Batch batch = new Batch(successes, failures, 0);
            reportsAt = nanos + LaneView.pause(batch);
            successes = 0;
            failures = 0;
            Instant at = Instant.ofEpochSecond(0, nanos);
            return circuit.after(
                    new CircuitEvent.Counted(at, at, batch, trip(ErrorKind.SERVER, null)), SHIPPED);
        }
    }
}
