package dev.gantry.circuit;

import static dev.gantry.circuit.Samples.START;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.circuit.Phase.Closed;
import dev.gantry.inference.ErrorKind;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.time.Instant;
import java.util.Random;

/**
 * The trip rule under traffic: five workers at 500 requests/s together, each reporting its failures
 * with the calls it has begun since, at most every 50 ms. Time is virtual.
 */
class BenchingSimulationTest {
    private static final CircuitSettings SETTINGS = Samples.SHIPPED;
    private static final int WORKERS = 5;
    private static final int PER_SECOND = 500;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    private Circuit circuit = closed();
    private Instant now = START;

    private static Circuit closed() {
        return new Circuit(
                CircuitKey.ofLane(Samples.A), new Closed(START), 0, Cause.NONE, Tally.NONE, 1);
    }

    @ParameterizedTest(name = "{0} %")
    @ValueSource(doubles = {2, 5})
    void independentErrorsNeverBenchALane(double percent) {
        Duration benched = until(Duration.ofHours(6), percent / 100);

        assertThat(benched).as("seed %d", seed).isNull();
    }

    @Test
    void aLaneThatWasHealthyForAnHourIsBenchedWithinASecondOfItsDeath() {
        until(Duration.ofHours(1), 0.01);

        Duration benched = until(Duration.ofSeconds(10), 1);

        System.out.printf("dead lane benched after %s (seed %d)%n", benched, seed);
        assertThat(benched).as("seed %d", seed).isNotNull().isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void aLaneWithFewCallsIsBenchedAtItsThirdFailureWithinTheWindow() {
        for (int failure = 0; failure < 3; failure++) {
            assertThat(circuit.phase()).isInstanceOf(Closed.class);
            apply(START.plusSeconds(25L * failure), new Tally.Batch(0, 1, 0));
        }

        assertThat(circuit.phase()).isInstanceOf(Phase.Open.class);
    }

    @Test
    void quickFailuresAmongCallsThatHaveJustBegunBenchNothing() {
        apply(START, new Tally.Batch(63, 1, 0));
        apply(START.plusMillis(50), new Tally.Batch(0, 4, 0));

        assertThat(circuit.phase()).isInstanceOf(Closed.class);
    }

    /** How long it took to be benched; null: it never was. */
    private @Nullable Duration until(Duration length, double chance) {
        int[] begun = new int[WORKERS];
        int[] failed = new int[WORKERS];
        long slots = length.toMillis() / 50;
        for (long slot = 0; slot < slots; slot++) {
            now = now.plusMillis(50);
            for (int call = 0; call < PER_SECOND / 20; call++) {
                int worker = random.nextInt(WORKERS);
                begun[worker]++;
                failed[worker] += random.nextDouble() < chance ? 1 : 0;
            }
            for (int worker = 0; worker < WORKERS; worker++) {
                if (failed[worker] > 0) {
                    apply(now, new Tally.Batch(begun[worker] - failed[worker], failed[worker], 0));
                    begun[worker] = 0;
                    failed[worker] = 0;
                }
            }
            if (!(circuit.phase() instanceof Closed)) {
                return Duration.ofMillis(50 * (slot + 1));
            }
        }
        return null;
    }

    private void apply(Instant at, Tally.Batch batch) {
        Setback setback = new Setback(new Cause(ErrorKind.SERVER, "", "w"), null, 0);
        circuit = circuit.after(new Event.Counted(at, at, batch, setback), SETTINGS);
    }
}
