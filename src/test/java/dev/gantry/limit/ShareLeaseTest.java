package dev.gantry.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.fleet.SchemaName;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.ModelType;
import dev.gantry.inference.Tier;
import dev.gantry.testbed.TickingClock;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.LongSupplier;

/** Workers whose clocks disagree, that come and go, and whose statements are lost at times. */
class ShareLeaseTest {
    private static final long SEED =
            Long.getLong("seed", new SplittableRandom().nextLong(1_000_000));
    private static final LaneId LANE =
            new LaneId(Tier.CLOUD, "p", "main", ModelType.INFERENCE, "small");
    private static final LimitScope SCOPE = LimitScope.ofLane(LANE);
    private static final int CALLS = 7;
    private static final ConfiguredLimits LIMITS = new ConfiguredLimits(6_000L, 100_000L, CALLS);

    private final TickingClock clock = new TickingClock();
    private final MemoryQuotas store = new MemoryQuotas(clock);
    private final Random random = new Random(SEED);

    /** The way of one worker to the store: statements get lost, before they are made or after. */
    private final class Line implements QuotaStore {
        boolean cut;
        double lost;

        private void go() {
            if (cut || random.nextDouble() < lost) {
                throw new IllegalStateException("lost");
            }
        }

        @Override
        public Shares renew(String worker, List<Ask> asks) {
            go();
            Shares shares = store.renew(worker, asks);
            go();
            return shares;
        }

        @Override
        public Limits limits() {
            go();
            return store.limits();
        }

        @Override
        public void write(String worker, Collection<Written> limits) {
            go();
            store.write(worker, limits);
        }

        @Override
        public void forget(Collection<Written> limits) {
            go();
            store.forget(limits);
        }

        @Override
        public void sweep() {
            go();
            store.sweep();
        }
    }

    private final class Worker {
        final Line line = new Line();
        final long skew = random.nextLong(1_000_000_000_000L) - 500_000_000_000L;
        final LongSupplier nanos = () -> clock.getAsLong() + skew;
        final FleetLimits limits;
        final LaneQuota quota;
        final List<LaneQuota.Reservation> calls = new ArrayList<>();
        int waiting;
        long cutUntil;

        Worker(int number) {
            limits = new FleetLimits(line, new SchemaName("gantry"), "w" + number, nanos);
            limits.offer(Map.of(SCOPE, LIMITS));
            quota = limits.of(LANE);
            limits.passNow();
        }

        /** Requests come, go, call and end, as they like. */
        void works() {
            int wants = random.nextInt(4) == 0 ? random.nextInt(30) : waiting;
            for (; waiting < wants; waiting++) {
                LaneQuota.waits(List.of(quota), 1);
            }
            for (; waiting > wants; waiting--) {
                LaneQuota.waits(List.of(quota), -1);
            }
            if (waiting > 0 && quota.admits(nanos.getAsLong())) {
                calls.add(quota.take(new CallSize(50, 10L), nanos.getAsLong()));
            }
            while (!calls.isEmpty() && random.nextInt(3) == 0) {
                quota.settle(calls.removeLast(), CallUse.UNKNOWN);
            }
        }

        LimitUse use(LimitDimension dimension) {
            return limits.uses().stream()
                    .filter(use -> use.scope().equals(SCOPE) && use.dimension() == dimension)
                    .findFirst()
                    .orElseThrow();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 12, 40})
    void sharesNeverComeToMoreThanTheLimit(int most) {
        List<Worker> workers = new ArrayList<>();
        int numbers = 0;
        for (int step = 0; step < 1_500; step++) {
            clock.advance(Duration.ofMillis(random.nextInt(1_500)));
            if (workers.size() < most && random.nextInt(6) == 0) {
                workers.add(new Worker(numbers++));
            }
            if (workers.size() > 1 && random.nextInt(40) == 0) {
                leave(workers);
            }
            workers.forEach(Worker::works);
            for (Worker each : workers) {
                if (random.nextInt(200) == 0 && clock.getAsLong() > each.cutUntil + 10e9) {
                    // Beyond a minute the others count on it no more.
                    each.cutUntil = clock.getAsLong() + random.nextLong(40_000_000_000L);
                }
                each.line.cut = clock.getAsLong() < each.cutUntil;
                each.line.lost = step % 300 < 100 ? 0.2 : 0;
                if (random.nextInt(2) == 0) {
                    each.limits.passNow();
                }
            }
            check(workers, step);
        }
    }

    /**
     * Most say so, some are killed: nobody calls with what they had, but the table does not know.
     */
    private void leave(List<Worker> workers) {
        Worker gone = workers.remove(random.nextInt(workers.size()));
        if (random.nextInt(3) > 0) {
            while (!gone.calls.isEmpty()) {
                gone.quota.settle(gone.calls.removeLast(), CallUse.UNKNOWN);
            }
            gone.limits.close();
        }
    }

    private static void check(List<Worker> workers, int step) {
        double requests = 0;
        double tokens = 0;
        int underWay = 0;
        for (Worker each : workers) {
            requests += each.use(LimitDimension.REQUESTS_PER_MINUTE).share();
            tokens += each.use(LimitDimension.TOKENS_PER_MINUTE).share();
            underWay += each.calls.size();
        }
        assertThat(requests).as("seed %d, step %d", SEED, step).isLessThanOrEqualTo(6_000 * 0.951);
        assertThat(tokens).as("seed %d, step %d", SEED, step).isLessThanOrEqualTo(100_000 * 0.951);
        assertThat(underWay).as("seed %d, step %d", SEED, step).isLessThanOrEqualTo(CALLS);
    }

    @Test
    void withTheTableAwayAShareIsKeptForALeaseAndThenAQuarterOfIt() {
        Worker worker = new Worker(0);
        LaneQuota.waits(List.of(worker.quota), 5);
        worker.limits.passNow();
        assertThat(worker.use(LimitDimension.REQUESTS_PER_MINUTE).share()).isEqualTo(5_700);

        worker.line.cut = true;
        clock.advance(Duration.ofSeconds(9));
        worker.limits.passNow();
        assertThat(worker.use(LimitDimension.REQUESTS_PER_MINUTE).share()).isEqualTo(5_700);
        assertThat(worker.use(LimitDimension.MAX_CONCURRENT).share()).isEqualTo(CALLS);
        clock.advance(Duration.ofSeconds(2));
        worker.limits.passNow();
        assertThat(worker.use(LimitDimension.REQUESTS_PER_MINUTE).share()).isEqualTo(5_700 / 4.0);
        assertThat(worker.use(LimitDimension.MAX_CONCURRENT).share()).isEqualTo(CALLS);
        clock.advance(Duration.ofMinutes(1));
        worker.limits.passNow();
        assertThat(worker.use(LimitDimension.MAX_CONCURRENT).share()).isEqualTo(2);

        worker.line.cut = false;
        clock.advance(Duration.ofMinutes(9));
        worker.limits.passNow();
        assertThat(worker.use(LimitDimension.REQUESTS_PER_MINUTE).share()).isEqualTo(5_700);
    }

    /** Nothing is known of the others, and yet the lane does not stand still. */
    @Test
    void withTheTableAwayForAMinuteAQuarterIsUsedOfWhatNobodyCouldAskFor() {
        Worker worker = new Worker(0);
        worker.line.cut = true;
        LaneQuota.waits(List.of(worker.quota), 5);
        worker.limits.passNow();
        assertThat(worker.quota.admits(worker.nanos.getAsLong())).isFalse();

        clock.advance(Duration.ofMinutes(1));
        worker.limits.passNow();

        assertThat(worker.use(LimitDimension.REQUESTS_PER_MINUTE).share()).isEqualTo(5_700 / 4.0);
        assertThat(worker.quota.admits(worker.nanos.getAsLong())).isTrue();
    }

    @Test
    void makesNoStatementWhileNobodyWantsWhatIsLimited() {
        Worker worker = new Worker(0);
        LaneQuota.waits(List.of(worker.quota), 1);
        worker.limits.passNow();
        LaneQuota.waits(List.of(worker.quota), -1);
        for (int beat = 0; beat < 5; beat++) {
            clock.advance(ShareSync.BEAT);
            worker.limits.passNow();
        }
        int before = store.statements;

        for (int beat = 0; beat < 20; beat++) {
            clock.advance(ShareSync.BEAT);
            worker.limits.passNow();
        }

        assertThat(store.rows(SCOPE)).isEmpty();
        assertThat(store.statements - before).isZero();
    }
}
