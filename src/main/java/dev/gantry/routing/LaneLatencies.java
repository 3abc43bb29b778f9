package dev.gantry.routing;

import dev.gantry.inference.LaneId;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** How long each lane's latest answers took, as this worker saw it. Thread-safe, without a lock. */
public final class LaneLatencies {
    /** So many of the latest answers are remembered. */
    static final int REMEMBERED = 64;

    /** With fewer answers there is nothing to tell. */
    static final int FEWEST = 10;

    private final Map<LaneId, Latest> lanes = new ConcurrentHashMap<>();

    /** The lane has answered; from dispatch to last byte. */
    public void answered(LaneId lane, Duration took) {
        lanes.computeIfAbsent(lane, _ -> new Latest()).add(took.toNanos());
    }

    /** Forgets all others. */
    public void keep(Set<LaneId> offered) {
        lanes.keySet().retainAll(offered);
    }

    /** Null: too few answers to tell. */
    public @Nullable Quantiles of(LaneId lane) {
        Latest latest = lanes.get(lane);
        return latest == null ? null : latest.quantiles();
    }

    /** By nearest rank: each is the latency of an answer. */
    public record Quantiles(Duration p50, Duration p95) {}

    private static final class Latest {
        private final AtomicLongArray nanos = new AtomicLongArray(REMEMBERED);

        private final AtomicLong answers = new AtomicLong();

        void add(long took) {
            nanos.set((int) (answers.getAndIncrement() % REMEMBERED), took);
        }

        @Nullable Quantiles quantiles() {
            int known = (int) Math.min(answers.get(), REMEMBERED);
            if (known < FEWEST) {
                return null;
            }
            long[] sorted = new long[known];
            Arrays.setAll(sorted, nanos::get);
            Arrays.sort(sorted);
            return new Quantiles(rank(sorted, 50), rank(sorted, 95));
        }

        private static Duration rank(long[] sorted, int percent) {
            int rank = Math.ceilDiv(percent * sorted.length, 100);
            return Duration.ofNanos(sorted[rank - 1]);
        }
    }
}
