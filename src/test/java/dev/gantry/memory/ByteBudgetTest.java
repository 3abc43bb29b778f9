package dev.gantry.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.testbed.Await;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/** Who may take how much, who waits, and that somebody can always go on. */
@Timeout(120)
class ByteBudgetTest {
    private static final Duration SOON = Duration.ofMillis(20);
    private static final Duration NEVER = Duration.ofDays(1);
    private static final int LIMIT = 100;

    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong undelivered = new AtomicLong();
    private final AtomicInteger rooms = new AtomicInteger();

    @Test
    void anAnswerCountsAsOftenAsItIsCopied() {
        ByteBudget budget = budget(3);
        Hold hold = budget.hold();

        assertThat(hold.tryTake(33)).isTrue();
        assertThat(budget.answers()).isEqualTo(99);
        assertThat(budget.hold().tryTake(1)).isFalse();
        hold.giveBack(1);
        assertThat(budget.hold().tryTake(1)).isTrue();
        hold.close();
        assertThat(budget.answers()).isEqualTo(3);
    }

    @Test
    void requestsAndUndeliveredRecordsLeaveLessForAnswers() {
        ByteBudget budget = budget(1);
        requests.set(30);
        undelivered.set(30);

        assertThat(budget.hold().tryTake(41)).isFalse();
        assertThat(budget.hold().tryTake(40)).isTrue();
    }

    @Test
    void aQuarterIsTheAnswersHoweverManyRequestsAreHeld() {
        ByteBudget budget = budget(1);
        requests.set(10 * LIMIT);

        assertThat(budget.admits()).isTrue();
        assertThat(budget.hold().tryTake(25)).isTrue();
        assertThat(budget.admits()).isFalse();
    }

    @Test
    void noCallGoesOnceItIsSpentAndWhoeverWaitsHearsOfRoom() {
        ByteBudget budget = budget(1);
        Hold hold = budget.hold();
        hold.tryTake(LIMIT);

        assertThat(budget.admits()).isFalse();
        assertThat(budget.spent()).isTrue();
        hold.release();

        assertThat(rooms).hasValue(1);
        assertThat(budget.admits()).isTrue();
        budget.freed();
        assertThat(rooms).hasValue(1);
    }

    @Test
    void deliveryMakesRoomToo() throws Exception {
        ByteBudget budget = budget(1);
        undelivered.set(LIMIT);
        FutureTask<Boolean> reader = reading(budget.hold(), 10);
        awaitWaiting(budget, 1);

        assertThat(budget.admits()).isFalse();
        undelivered.set(0);
        budget.freed();

        assertThat(reader.get()).isTrue();
        assertThat(rooms).hasValue(1);
    }

    @Test
    void whileAnAnswerWaitsNoFurtherCallGoes() throws Exception {
        ByteBudget budget = budget(1);
        Hold first = budget.hold();
        Hold large = budget.hold();
        first.tryTake(60);
        large.tryTake(20);
        FutureTask<Boolean> overdrawing = reading(large, 60);
        assertThat(overdrawing.get()).as("nobody else overdraws").isTrue();
        FutureTask<Boolean> second = reading(budget.hold(), 30);
        awaitWaiting(budget, 1);
        first.release();

        assertThat(budget.answers()).isEqualTo(80);
        assertThat(budget.waiting()).isOne();
        assertThat(budget.admits()).isFalse();
        large.release();

        assertThat(second.get()).isTrue();
        assertThat(budget.admits()).isTrue();
    }

    @Test
    void readersThatEachHoldAPartDoNotWaitForEachOther() throws Exception {
        ByteBudget budget = budget(1);
        Hold one = budget.hold();
        Hold other = budget.hold();
        one.tryTake(50);
        other.tryTake(50);

        FutureTask<Boolean> first = reading(one, 50);
        assertThat(first.get()).isTrue();
        assertThat(one.tryTake(500)).as("to the end of its answer").isTrue();
        FutureTask<Boolean> second = reading(other, 50);
        awaitWaiting(budget, 1);
        one.release();

        assertThat(second.get()).isTrue();
    }

    @Test
    void whereTheOneThatOverdrawsReceivesNothingASecondMayAndNoThird() throws Exception {
        ByteBudget budget = new ByteBudget(LIMIT, 1, SOON);
        Hold one = budget.hold();
        assertThat(reading(one, 2 * LIMIT).get()).isTrue();

        int tooMuch = LIMIT + LIMIT / 8 + 1; // for a slow one to keep without a place
        assertThat(reading(budget.hold(), tooMuch).get()).as("the first has stalled").isTrue();
        FutureTask<Boolean> third = reading(budget.hold(), LIMIT);
        awaitWaiting(budget, 1);
        assertThat(budget.answers()).isEqualTo(2 * LIMIT + tooMuch);
        one.release();

        assertThat(third.get()).isTrue();
    }

    @Test
    void nothingIsOverdrawnWhileAWholeBudgetLiesUndelivered() throws Exception {
        ByteBudget budget = new ByteBudget(LIMIT, 1, SOON);
        undelivered.set(LIMIT);
        budget.counts(requests::get, undelivered::get);
        FutureTask<Boolean> reader = reading(budget.hold(), 1);
        awaitWaiting(budget, 1);

        assertThat(budget.answers()).isZero();
        undelivered.set(0);

        assertThat(reader.get()).as("it looks again by itself").isTrue();
    }

    @Test
    void whoIsGivenUpTakesNothingAndLetsOthersPass() throws Exception {
        ByteBudget budget = budget(1);
        Hold full = budget.hold();
        full.tryTake(LIMIT);
        reading(budget.hold(), 10).get(); // overdraws
        Hold leaving = budget.hold();
        FutureTask<Boolean> reader = reading(leaving, 10);
        awaitWaiting(budget, 1);

        leaving.giveUp();

        assertThat(reader.get()).isFalse();
        assertThat(budget.waiting()).isZero();
        assertThat(budget.answers()).isEqualTo(LIMIT + 10);
        leaving.release();
        full.release();
        assertThat(leaving.tryTake(10)).as("after a release it is as new").isTrue();
    }

    @Test
    void anInterruptEndsTheWaitAndTakesNothing() throws Exception {
        ByteBudget budget = budget(1);
        undelivered.set(LIMIT);
        FutureTask<Boolean> reader = new FutureTask<>(() -> interrupted(budget.hold()));
        Thread thread = Thread.ofVirtual().start(reader);
        awaitWaiting(budget, 1);

        thread.interrupt();

        assertThat(reader.get()).isTrue();
        assertThat(budget.answers()).isZero();
        assertThat(budget.waiting()).isZero();
    }

    /**
     * Readers that take piece by piece and readers that take all at once, some of which are given
     * up, on a budget that holds a few of them: all of them end, and nothing stays taken.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void everyReaderEndsInWhateverOrderTheyCome(long seed) throws Exception {
        ByteBudget budget = new ByteBudget(LIMIT, 2);
        AtomicLong most = new AtomicLong();
        List<FutureTask<Void>> readers = new ArrayList<>();
        for (int each = 0; each < 400; each++) {
            long own = seed * 1000 + each;
            readers.add(started(() -> answer(budget, new SplittableRandom(own), most)));
        }

        for (FutureTask<Void> reader : readers) {
            reader.get();
        }
        assertThat(budget.answers()).as("seed %d", seed).isZero();
        assertThat(budget.waiting()).isZero();
        assertThat(budget.admits()).isTrue();
        assertThat(most.get())
                .as("the budget, an eighth and two of the largest")
                .isLessThanOrEqualTo(LIMIT + LIMIT / 8 + 2 * 120);
    }

    /**
     * The budget is full of parts of answers, and the first in line are servers that never send
     * nothing, and never an end: the others end all the same, and little is overdrawn.
     */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void serversThatDripLetTheOthersPass(long seed) throws Exception {
        int limit = 4000;
        ByteBudget budget = new ByteBudget(limit, 1, SOON);
        budget.counts(requests::get, undelivered::get);
        SplittableRandom random = new SplittableRandom(seed);
        AtomicLong most = new AtomicLong();
        List<Hold> begun = new ArrayList<>();
        while (budget.answers() < limit) {
            Hold hold = budget.hold();
            hold.tryTake(Math.min(40 + random.nextInt(80), (int) (limit - budget.answers())));
            begun.add(hold);
        }
        undelivered.set(limit); // so that none is let overdraw before all stand in line
        AtomicBoolean over = new AtomicBoolean();
        List<FutureTask<Void>> drippers = new ArrayList<>();
        int dripping = 2 + random.nextInt(10);
        for (int each = 0; each < dripping; each++) {
            drippers.add(started(() -> drip(budget, over)));
        }
        awaitWaiting(budget, dripping);
        undelivered.set(0);
        List<FutureTask<Void>> others = new ArrayList<>();
        for (Hold hold : begun) {
            int rest = 100 + random.nextInt(200);
            others.add(started(() -> readOn(hold, rest, budget, most)));
        }

        try {
            for (FutureTask<Void> other : others) {
                other.get(60, TimeUnit.SECONDS);
            }
            assertThat(most.get()).isLessThanOrEqualTo(limit + limit / 8 + 2 * 420);
            Await.until("calls go again", budget::admits);
        } catch (TimeoutException e) {
            throw new AssertionError("seed " + seed + ", dripping " + dripping, e);
        } finally {
            over.set(true);
        }
        for (FutureTask<Void> dripper : drippers) {
            dripper.get();
        }
        assertThat(budget.answers()).isZero();
    }

    @Test
    void whoeverIsFastIsLeftAlone() throws Exception {
        ByteBudget budget = new ByteBudget(LIMIT, 1, SOON);
        Hold fast = budget.hold();
        assertThat(reading(fast, 2 * LIMIT).get()).isTrue();
        AtomicInteger most = new AtomicInteger(Integer.MAX_VALUE);
        AtomicInteger looks = new AtomicInteger();
        // Whoever looks how fast it is has asked this first: fast enough however late the look is.
        budget.counts(
                requests::get,
                () -> {
                    looks.incrementAndGet();
                    fast.received(most.get());
                    return 0;
                });
        FutureTask<Boolean> next = reading(budget.hold(), 1);

        Await.until("three patiences have passed", () -> looks.get() > 40);
        assertThat(next.isDone()).isFalse();
        most.set(0);

        assertThat(next.get()).as("it has stalled").isTrue();
    }

    /** Servers that send nothing after a piece cost the others a patience each, and no more. */
    @Test
    void serversThatStallLetTheOthersPass() throws Exception {
        ByteBudget budget = new ByteBudget(1000, 1, SOON);
        List<Hold> stalled = new ArrayList<>();
        for (int each = 0; each < 20; each++) {
            Hold hold = budget.hold();
            stalled.add(hold);
            assertThat(reading(hold, each < 10 ? 100 : 10).get()).isTrue();
        }

        for (int each = 0; each < 200; each++) {
            try (Hold hold = budget.hold()) {
                assertThat(reading(hold, 300).get(60, TimeUnit.SECONDS)).isTrue();
            }
        }
        assertThat(budget.answers()).isEqualTo(1100);
        stalled.forEach(Hold::close);
        assertThat(budget.answers()).isZero();
    }

    /** One that has read much may not be left with it: it keeps its place. */
    @Test
    void slowOnesThatHoldMoreThanAnEighthKeepTheirPlaces() throws Exception {
        ByteBudget budget = new ByteBudget(LIMIT, 1, SOON);
        Hold full = budget.hold();
        full.tryTake(LIMIT);
        Hold small = budget.hold();
        assertThat(reading(budget.hold(), 13).get()).isTrue();
        assertThat(reading(small, 14).get()).isTrue();
        FutureTask<Boolean> third = reading(budget.hold(), 5);
        awaitWaiting(budget, 1);

        long begun = System.nanoTime();
        Await.until(
                "both are slow for long", () -> System.nanoTime() - begun > 10 * SOON.toNanos());
        assertThat(third.isDone()).isFalse();
        small.giveBack(2);

        assertThat(third.get()).as("12 fit into an eighth of 100").isTrue();
        assertThat(small.tryTake(1)).as("it stands in line again").isFalse();
    }

    private static Void drip(ByteBudget budget, AtomicBoolean over) throws InterruptedException {
        try (Hold hold = budget.hold()) {
            for (int piece = 0; piece < 3 && !over.get(); piece++) {
                if (!hold.tryTake(10) && !hold.awaitTake(10)) {
                    return null;
                }
                for (int each = 0; each < 300 && !over.get(); each++) {
                    hold.received(1);
                    LockSupport.parkNanos(1_000_000);
                }
            }
            while (!over.get()) {
                hold.received(1);
                LockSupport.parkNanos(1_000_000);
            }
        }
        return null;
    }

    private static Void readOn(Hold hold, int rest, ByteBudget budget, AtomicLong most)
            throws InterruptedException {
        try (hold) {
            for (int left = rest; left > 0; left -= 20) {
                int next = Math.min(20, left);
                assertThat(hold.tryTake(next) || hold.awaitTake(next)).isTrue();
                hold.received(next);
                most.accumulateAndGet(budget.answers(), Math::max);
            }
        }
        return null;
    }

    private static Void answer(ByteBudget budget, RandomGenerator random, AtomicLong most)
            throws InterruptedException {
        try (Hold hold = budget.hold()) {
            int left = 1 + random.nextInt(60);
            int piece = random.nextBoolean() ? left : 1 + random.nextInt(left);
            if (random.nextInt(10) == 0) {
                Thread.ofVirtual().start(hold::giveUp);
            }
            while (left > 0) {
                int next = Math.min(piece, left);
                if (!hold.tryTake(next) && !hold.awaitTake(next)) {
                    return null;
                }
                hold.received(next);
                most.accumulateAndGet(budget.answers(), Math::max);
                left -= next;
                LockSupport.parkNanos(1);
            }
        }
        return null;
    }

    private static Boolean interrupted(Hold hold) {
        try {
            hold.awaitTake(10);
            return false;
        } catch (InterruptedException _) {
            return true;
        }
    }

    private ByteBudget budget(int weight) {
        ByteBudget budget = new ByteBudget(LIMIT, weight, NEVER);
        budget.counts(requests::get, undelivered::get);
        budget.onRoom(rooms::incrementAndGet);
        return budget;
    }

    private static FutureTask<Boolean> reading(Hold hold, int bytes) {
        return started(() -> hold.tryTake(bytes) || hold.awaitTake(bytes));
    }

    private static <T> FutureTask<T> started(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        Thread.ofVirtual().start(task);
        return task;
    }

    private static void awaitWaiting(ByteBudget budget, int readers) throws Exception {
        Await.until("somebody waits", () -> budget.waiting() == readers);
    }
}
