package dev.gantry.admission;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** How a lane's room is learnt, against a simulated token bucket. */
class AdaptiveLimitTest {
    private static final long SECOND = 1_000_000_000L;

    /** The middle one counts: of three thousand one takes longer by chance. */
    private static final int RUNS = 5;

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
        int requests = (int) Math.max(600, 60 * perSecond) / workers * workers;
        double ideal = requests / perSecond;
        List<Double> took = new ArrayList<>();
        for (int run = 0; run < RUNS; run++) {
            long seed = new Random().nextLong();
            var simulation = new BucketSimulation(perSecond, burst, 1000, latencyMs, seed);
            simulation.fleet(workers, requests / workers);

            simulation.run();

            assertThat(simulation.answered).as("seed %d", seed).isEqualTo(requests);
            assertThat(simulation.calls / (double) requests).as("seed %d", seed).isLessThan(1.25);
            took.add(simulation.seconds() / ideal);
        }
        assertThat(took.stream().sorted().toList().get(RUNS / 2)).isLessThan(longest);
    }

    @Test
    void beginsWithOneCallAfterACloseAndDoublesWithEachRound() {
        AdaptiveLimit limit = new AdaptiveLimit(0, new Random(7));
        limit.restart(SECOND);
        List<Integer> windows = new ArrayList<>();

        for (int round = 0; round < 5; round++) {
            int window = limit.window(SECOND);
            windows.add(window);
            for (int call = 0; call < window; call++) {
                limit.sent(SECOND);
                limit.answered(SECOND, SECOND);
            }
        }

        assertThat(windows).containsExactly(1, 2, 4, 8, 16);
    }

    @Test
    void halvesOnARefusalAndOnlyOnceForCallsSentTogether() {
        AdaptiveLimit limit = new AdaptiveLimit(0, new Random(7));
        limit.restart(SECOND);
        for (int call = 0; call < 1 + 2 + 4 + 8; call++) {
            limit.answered(SECOND, SECOND);
        }

        limit.refused(2 * SECOND, 3 * SECOND);
        limit.refused(2 * SECOND, 3 * SECOND + 1);

        assertThat(limit.window(3 * SECOND)).isEqualTo(8);
    }

    @Test
    void neverSlowsALaneThatDoesNotRefuse() {
        AdaptiveLimit limit = new AdaptiveLimit(0, new Random(7));

        for (int call = 0; call < 100_000; call++) {
            limit.sent(call);
            limit.answered(call, call);
        }

        assertThat(limit.window(SECOND)).isEqualTo(AdaptiveLimit.UNLIMITED);
        assertThat(limit.admits(1_000_000, SECOND)).isTrue();
    }

    @Test
    void aFewRefusalsOfAHundredLowerNoPace() {
        assertThat(refusing(33, 10_000).rate(10_000)).isInfinite();
    }

    /** Nothing is known of the lane yet, and bad luck is no limit. */
    @Test
    void aFewRefusalsOfTheFirstCallsLowerNoPace() {
        assertThat(refusing(5, 20).rate(20)).isInfinite();
    }

    /** One call of so many is refused, the first one too. */
    private static AdaptiveLimit refusing(int oneOf, int calls) {
        AdaptiveLimit limit = new AdaptiveLimit(0, new Random(7));
        for (int call = 0; call < calls; call++) {
            limit.sent(call);
            if (call % oneOf == 0) {
                limit.slowed(call, call);
            } else {
                limit.answered(call, call);
            }
        }
        return limit;
    }

    /** Without a time: a little slower, and once for all that was sent before it was known. */
    @Test
    void refusalsWithoutATimeLowerThePaceOncePerRoundTrip() {
        AdaptiveLimit limit = new AdaptiveLimit(0, new Random(7));
        for (int call = 0; call < 200; call++) {
            limit.sent(call * SECOND / 100);
            limit.answered(call * SECOND / 100, call * SECOND / 100);
        }
        refuse(limit, 40, 2 * SECOND, 2 * SECOND + SECOND / 10);
        double first = limit.rate(2 * SECOND + SECOND / 10);

        double grown = limit.rate(3 * SECOND + SECOND / 10);
        refuse(limit, 40, 3 * SECOND, 3 * SECOND + SECOND / 10);
        double second = limit.rate(3 * SECOND + SECOND / 10);

        assertThat(first).isBetween(50.0, 100.0);
        assertThat(second).isBetween(0.7 * grown, 0.9 * grown);
        assertThat(limit.window(4 * SECOND)).as("no slow start").isGreaterThan(1);
    }

    private static void refuse(AdaptiveLimit limit, int calls, long sent, long now) {
        for (int call = 0; call < calls; call++) {
            limit.sent(sent);
        }
        for (int call = 0; call < calls; call++) {
            limit.slowed(sent, now);
        }
    }
}
