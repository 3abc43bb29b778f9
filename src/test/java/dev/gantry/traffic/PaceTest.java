package dev.gantry.traffic;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** How a lane's room is learnt, against a simulated token bucket. */
class PaceTest {
    private static final long SECOND = 1_000_000_000L;

    /** Several workers share the limit unevenly at first, so the last takes longer. */
    @ParameterizedTest(name = "{0} workers, {1}/s, burst {2}, {3} ms")
    @CsvSource({
        "1, 50, 50, 50, 1.25",
        "1, 50, 50, 300, 1.25",
        "1, 50, 50, 1000, 1.25",
        "1, 50, 10, 50, 1.4",
        "1, 500, 500, 100, 1.25",
        "1, 1, 10, 400, 1.25",
        "3, 150, 150, 50, 1.7",
    })
    void takesALimitedLaneForWhatItIsWorth(
            int workers, double perSecond, double burst, long latencyMs, double longest) {
        long seed = new Random().nextLong();
        var simulation = new BucketSimulation(perSecond, burst, 1000, latencyMs, seed);
        int requests = (int) Math.max(600, 60 * perSecond) / workers * workers;
        simulation.fleet(workers, requests / workers);

        simulation.run();

        double ideal = requests / perSecond;
        assertThat(simulation.answered).as("seed %d", seed).isEqualTo(requests);
        assertThat(simulation.calls / (double) requests).as("seed %d", seed).isLessThan(1.25);
        assertThat(simulation.seconds() / ideal).as("seed %d", seed).isLessThan(longest);
    }

    @Test
    void beginsWithOneCallAfterACloseAndDoublesWithEachRound() {
        Pace pace = new Pace(0, new Random(7));
        pace.restart(SECOND);
        List<Integer> windows = new ArrayList<>();

        for (int round = 0; round < 5; round++) {
            int window = pace.window(SECOND);
            windows.add(window);
            for (int call = 0; call < window; call++) {
                pace.sent(SECOND);
                pace.answered(SECOND, SECOND);
            }
        }

        assertThat(windows).containsExactly(1, 2, 4, 8, 16);
    }

    @Test
    void halvesOnARefusalAndOnlyOnceForCallsSentTogether() {
        Pace pace = new Pace(0, new Random(7));
        pace.restart(SECOND);
        for (int call = 0; call < 1 + 2 + 4 + 8; call++) {
            pace.answered(SECOND, SECOND);
        }

        pace.refused(2 * SECOND, 3 * SECOND);
        pace.refused(2 * SECOND, 3 * SECOND + 1);

        assertThat(pace.window(3 * SECOND)).isEqualTo(8);
    }

    @Test
    void neverSlowsALaneThatDoesNotRefuse() {
        Pace pace = new Pace(0, new Random(7));

        for (int call = 0; call < 100_000; call++) {
            pace.sent(call);
            pace.answered(call, call);
        }

        assertThat(pace.window(SECOND)).isEqualTo(Pace.UNLIMITED);
        assertThat(pace.admits(1_000_000, SECOND)).isTrue();
    }

    @Test
    void aFewRefusalsOfAHundredLowerNoPace() {
        Pace pace = new Pace(0, new Random(7));

        for (int call = 0; call < 10_000; call++) {
            pace.sent(call);
            if (call % 33 == 0) {
                pace.slowed(call, call);
            } else {
                pace.answered(call, call);
            }
        }

        assertThat(pace.rate(10_000)).isInfinite();
    }

    /** Without a time: a little slower, and once for all that was sent before it was known. */
    @Test
    void refusalsWithoutATimeLowerThePaceOncePerRoundTrip() {
        Pace pace = new Pace(0, new Random(7));
        for (int call = 0; call < 200; call++) {
            pace.sent(call * SECOND / 100);
            pace.answered(call * SECOND / 100, call * SECOND / 100);
        }
        refuse(pace, 40, 2 * SECOND, 2 * SECOND + SECOND / 10);
        double first = pace.rate(2 * SECOND + SECOND / 10);

        double grown = pace.rate(3 * SECOND + SECOND / 10);
        refuse(pace, 40, 3 * SECOND, 3 * SECOND + SECOND / 10);
        double second = pace.rate(3 * SECOND + SECOND / 10);

        assertThat(first).isBetween(50.0, 100.0);
        assertThat(second).isBetween(0.7 * grown, 0.9 * grown);
        assertThat(pace.window(4 * SECOND)).as("no slow start").isGreaterThan(1);
    }

    private static void refuse(Pace pace, int calls, long sent, long now) {
        for (int call = 0; call < calls; call++) {
            pace.sent(sent);
        }
        for (int call = 0; call < calls; call++) {
            pace.slowed(sent, now);
        }
    }
}
