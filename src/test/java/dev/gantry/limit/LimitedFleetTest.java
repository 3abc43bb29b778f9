package dev.gantry.limit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.Locale;

/** Fleets that are larger than what their lane takes, in simulated time. */
class LimitedFleetTest {
    /** One that is always the same: these are figures, and 23 others gave 1.03 to 1.09. */
    private static final long SEED = Long.getLong("seed", 1415);

    @ParameterizedTest(name = "{0} workers before {1}/s, bucket of {2}")
    @CsvSource({"50, 50, 50, 20", "200, 10, 10, 4", "3, 10, 10, 100"})
    void aFleetLargerThanItsLanesLimitWastesNoCalls(
            int workers, double perSecond, double bucket, int each) {
        LimitedFleet fleet = new LimitedFleet(perSecond, bucket, 0, SEED);
        fleet.join(workers, each, new ConfiguredLimits((long) (perSecond * 60), null, null));

        fleet.run(workers * each);

        double used = fleet.answered / fleet.seconds() / perSecond;
        System.out.printf(
                Locale.ROOT,
                "%d workers on %.0f/s, seed %d: %.3f calls per request, %.2f of the limit used,"
                        + " %d statements, %d notifications in %.0f s%n",
                workers,
                perSecond,
                SEED,
                fleet.callsPerRequest(),
                used,
                fleet.store.statements,
                fleet.store.notifications,
                fleet.seconds());
        assertThat(fleet.answered).isEqualTo(workers * each);
        assertThat(fleet.callsPerRequest()).as("seed %d", SEED).isLessThanOrEqualTo(1.1);
        assertThat(used).as("seed %d", SEED).isGreaterThan(0.7);
        assertThat(fleet.seemedFree).as("scaling would help").isZero();
    }
}
