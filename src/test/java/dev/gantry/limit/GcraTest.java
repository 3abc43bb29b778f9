package dev.gantry.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;

class GcraTest {
    private static final long SECOND = 1_000_000_000L;
    private static final long SEED =
            Long.getLong("seed", new SplittableRandom().nextLong(1_000_000));

    private final Random random = new Random(SEED);

    /** Whenever and however much is asked, with gaps and changes of pace. */
    @Test
    void neverLetsMoreThroughThanItsPaceAndASecondOfIt() {
        for (int run = 0; run < 200; run++) {
            double perSecond = Math.exp(random.nextDouble() * 8 - 3);
            double fleet = perSecond * (1 + random.nextInt(50));
            Gcra gcra = new Gcra(1, perSecond, fleet, random.nextDouble(), 0);
            long now = 0;
            List<Long> sent = new ArrayList<>();
            for (int step = 0; step < 300; step++) {
                now += (long) (random.nextDouble() * 2 * SECOND / perSecond);
                if (gcra.from(now) <= now) {
                    gcra.take(1, now);
                    sent.add(now);
                }
            }

            double burst = 2 + perSecond * Math.max(1, 1 / fleet);
            double most = 0;
            for (int from = 0; from < sent.size(); from++) {
                for (int to = from; to < sent.size(); to++) {
                    double seconds = (sent.get(to) - sent.get(from)) / (double) SECOND;
                    most = Math.max(most, to - from + 1 - perSecond * seconds);
                }
            }
            assertThat(most).as("seed %d: %f/s", SEED, perSecond).isLessThanOrEqualTo(burst);
        }
    }

    @Test
    void losesNothingToATimerThatIsLate() {
        Gcra gcra = new Gcra(1, 10, 10, 0, 0);
        long now = 0;
        int sent = 0;
        while (now < 100 * SECOND) {
            if (gcra.from(now) <= now) {
                gcra.take(1, now);
                sent++;
            } else {
                now = gcra.from(now) + random.nextLong(SECOND / 3);
            }
        }

        assertThat(sent).as("seed %d", SEED).isBetween(990, 1_012);
    }

    /** Nor do they when all of them have been idle: together they are no faster than the fleet. */
    @Test
    void workersWithRareTurnsDoNotAllCallAtOneMoment() {
        List<Gcra> workers = new ArrayList<>();
        for (int each = 0; each < 200; each++) {
            workers.add(new Gcra(1, 0.05, 10, each / 200.0, 0));
        }
        long idle = 1_000 * SECOND;

        for (int second = 1; second < 40; second++) {
            long now = idle + second * SECOND;
            int calls = 0;
            for (Gcra each : workers) {
                if (each.from(now) <= now) {
                    each.take(1, now);
                    calls++;
                }
            }
            assertThat(calls).as("second %d", second).isLessThanOrEqualTo(21);
        }
    }

    @Test
    void aLoneWorkerThatWasIdleCallsAtOnce() {
        Gcra gcra = new Gcra(1, 0.1, 0.1, 0, 0);
        long now = 1_003 * SECOND;

        assertThat(gcra.from(now)).isLessThanOrEqualTo(now);
        gcra.take(1, now);
        assertThat(gcra.from(now)).isGreaterThan(now);
    }

    @Test
    void aLargeCallGoesAtOnceAndIsPaidForAfterwards() {
        Gcra gcra = new Gcra(100, 100, 100, 0, 0);

        assertThat(gcra.from(0)).isLessThanOrEqualTo(0);
        gcra.take(5_000, 0);

        assertThat(gcra.from(1)).isEqualTo(50 * SECOND);
    }

    @Test
    void whatWasNotUsedIsGivenBackAndWhatWasUsedMoreIsPaidFor() {
        Gcra gcra = new Gcra(100, 100, 100, 0, 0);
        gcra.take(5_000, 0);

        gcra.correct(-3_000);
        assertThat(gcra.from(1)).isEqualTo(20 * SECOND);
        gcra.correct(1_000);
        assertThat(gcra.from(1)).isEqualTo(30 * SECOND);
    }

    @Test
    void whatIsStillToBePaidForIsPaidForAtTheNewPace() {
        Gcra gcra = new Gcra(1, 1, 1, 0, 0);
        gcra.take(10, 0);

        gcra.pace(2, 2, 4 * SECOND);

        assertThat((double) gcra.from(4 * SECOND)).isCloseTo(7.0 * SECOND, within(10.0));
    }
}
