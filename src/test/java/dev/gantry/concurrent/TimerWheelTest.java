package dev.gantry.concurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

@Timeout(90)
class TimerWheelTest {
    private static final long MILLI = 1_000_000;

    private long now = 12_345_678_901L;
    private final AtomicInteger woken = new AtomicInteger();
    private final TimerWheel wheel = new TimerWheel(() -> now, woken::incrementAndGet);
    private final List<String> over = new ArrayList<>();

    private void pass(long millis) {
        now += millis * MILLI;
        wheel.turn();
    }

    @Test
    void aLimitIsNeverEarlyAndATickLateAtMost() {
        wheel.limit(95 * MILLI, () -> over.add("95 ms"));

        pass(94);
        assertThat(over).isEmpty();
        pass(11);

        assertThat(over).containsExactly("95 ms");
    }

    @Test
    void whatIsLiftedDoesNotRun() {
        TimerWheel.Limit first = wheel.limit(50 * MILLI, () -> over.add("first"));
        TimerWheel.Limit middle = wheel.limit(50 * MILLI, () -> over.add("middle"));
        wheel.limit(50 * MILLI, () -> over.add("last"));

        middle.close();
        first.close();
        first.close();
        pass(100);

        assertThat(over).containsExactly("last");
    }

    @Test
    void aLimitLiftedByOneOfTheSameTickDoesNotRun() {
        TimerWheel.Limit[] other = new TimerWheel.Limit[2];
        other[0] = wheel.limit(50 * MILLI, () -> end(other[1]));
        other[1] = wheel.limit(50 * MILLI, () -> end(other[0]));

        pass(100);

        assertThat(over).hasSize(1);
    }

    private void end(TimerWheel.Limit other) {
        over.add("one");
        other.close();
    }

    @Test
    void noTimeAtAllIsOverWithTheNextTick() {
        pass(1_000);
        wheel.limit(0, () -> over.add("zero"));
        wheel.limit(Long.MIN_VALUE, () -> over.add("past"));
        wheel.limit(Long.MAX_VALUE, () -> over.add("never"));

        pass(10);

        assertThat(over).containsExactlyInAnyOrder("zero", "past");
    }

    @Test
    void anEndThatFailsMakesNoOtherLate() {
        wheel.limit(50 * MILLI, () -> over.add("earlier"));
        wheel.limit(
                50 * MILLI,
                () -> {
                    throw new IllegalStateException("a bug");
                });
        wheel.limit(50 * MILLI, () -> over.add("later"));
        wheel.limit(90 * MILLI, () -> over.add("other tick"));

        pass(200);

        assertThat(over).containsExactlyInAnyOrder("earlier", "later", "other tick");
    }

    @Test
    void aTurnThatIsBrokenOffIsMadeUpForByTheNext() {
        wheel.limit(50 * MILLI, () -> over.add("earlier"));
        wheel.limit(
                50 * MILLI,
                () -> {
                    throw new AssertionError("a bug");
                });
        wheel.limit(50 * MILLI, () -> over.add("later"));
        wheel.limit(90 * MILLI, () -> over.add("other tick"));

        assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> pass(200));
        pass(0);

        assertThat(over).containsExactlyInAnyOrder("earlier", "later", "other tick");
    }

    @Test
    void restsWhileThereIsNoLimitAndIsWokenByTheNext() {
        TimerWheel.Limit limit = wheel.limit(3_000_000 * MILLI, () -> over.add("long"));
        Duration busy = Duration.ZERO;
        for (int i = 0; i < 1_000; i++) {
            now += 10 * MILLI;
            busy = wheel.turn();
        }
        limit.close();
        Duration rest = busy;
        for (int i = 0; i < 1_000 && rest.equals(busy); i++) {
            now += 10 * MILLI;
            rest = wheel.turn();
        }
        assertThat(rest).isGreaterThan(busy);
        assertThat(woken).hasValue(0);

        now += Duration.ofHours(7).toNanos();
        wheel.limit(7_000 * MILLI, () -> over.add("after the rest"));
        wheel.limit(7_000 * MILLI, () -> over.add("after the rest"));

        assertThat(woken).hasValue(1);
        pass(0);
        pass(6_999);
        assertThat(over).isEmpty();
        pass(11);
        assertThat(over).hasSize(2);
    }

    /** Against the plainest model there is: a list. */
    @Test
    void randomLimitsEndWhenTheyShould() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<Model> open = new ArrayList<>();
        List<Model> lifted = new ArrayList<>();
        for (int step = 0; step < 20_000; step++) {
            if (random.nextInt(3) > 0) {
                long time = random.nextLong(random.nextInt(10) == 0 ? 20_000 * MILLI : 40 * MILLI);
                open.add(new Model(time));
            } else if (!open.isEmpty() && random.nextBoolean()) {
                Model model = open.remove(random.nextInt(open.size()));
                model.limit.close();
                lifted.add(model);
            } else {
                now += random.nextLong(random.nextInt(100) == 0 ? 9_000 * MILLI : 30 * MILLI);
                wheel.turn();
                open.removeIf(each -> each.judged(now, seed));
            }
        }
        assertThat(lifted).as("seed %d", seed).isNotEmpty().noneMatch(each -> each.ended);
    }

    private final class Model {
        private final long end;
        private final TimerWheel.Limit limit;
        private boolean ended;

        Model(long time) {
            this.end = now + time;
            this.limit = wheel.limit(time, () -> ended = true);
        }

        boolean judged(long now, long seed) {
            if (now < end) {
                assertThat(ended).as("early; seed %d", seed).isFalse();
            } else if (now - end > 10 * MILLI) {
                assertThat(ended).as("late; seed %d", seed).isTrue();
            }
            return ended;
        }
    }

    @Test
    void theProcessesOwnTurnsByItself() throws InterruptedException {
        CountDownLatch ended = new CountDownLatch(2);

        TimerWheel.shared().limit(MILLI, ended::countDown);
        Thread.ofVirtual().start(() -> TimerWheel.shared().limit(MILLI, ended::countDown)).join();

        ended.await();
    }
}
