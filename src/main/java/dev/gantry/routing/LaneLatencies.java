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
import java.util.function.LongSupplier;

/**
 * How long each lane's latest answers took, as this worker saw it. Worked out when somebody asks
 * and the lane has answered since: mostly nobody does. Thread-safe, without a lock.
 */
public final class LaneLatencies {
    /** So many of the latest answers are remembered. */
    static final int REMEMBERED = 64;

    /** With fewer answers there is nothing to tell. */
    static final int FEWEST = 10;

    /** Older answers tell nothing of now: a lane that was slow once gets another chance. */
    static final Duration WINDOW = Duration.ofMinutes(5);

    private final LongSupplier nanos;
    private final Map<LaneId, Latest> lanes = new ConcurrentHashMap<>();

    /**
     * @param nanos a monotonic clock
     */
    public LaneLatencies(LongSupplier nanos) {
        this.nanos = nanos;
    }

    /** The lane has answered; from dispatch to last byte. */
    public void answered(LaneId lane, Duration took) {
        lanes.computeIfAbsent(lane, _ -> new Latest()).add(took.toNanos(), nanos.getAsLong());
    }

    /** Forgets all others. */
    public void keep(Set<LaneId> offered) {
        lanes.keySet().retainAll(offered);
    }

    /** Null: too few answers of late to tell. */
    public @Nullable Quantiles of(LaneId lane) {
        Latest latest = lanes.get(lane);
        return latest == null ? null : latest.quantiles(nanos.getAsLong());
    }

    /** By nearest rank: each is the latency of an answer. */
    public record Quantiles(Duration p50, Duration p95) {}

    /**
     * What so many answers have come to.
     *
     * @param quantiles null: too few of them are young enough
     * @param until when too few of the answers are young enough
     */
    private record Known(long answers, @Nullable Quantiles quantiles, long until) {}

    /** Of one lane. */
    private static final class Latest {
        private final AtomicLongArray took = new AtomicLongArray(REMEMBERED);
        private final AtomicLongArray ended = new AtomicLongArray(REMEMBERED);
        private final AtomicLong places = new AtomicLong();

        /** Answers that are written down: whoever asks after one of these sees it. */
        private final AtomicLong answers = new AtomicLong();

        private volatile Known known = new Known(0, null, 0);

        void add(long nanos, long now) {
            int place = (int) (places.getAndIncrement() % REMEMBERED);
            took.set(place, nanos);
            ended.set(place, now);
            answers.incrementAndGet();
        }

        @Nullable Quantiles quantiles(long now) {
            long count = answers.get();
            Known last = known;
            if (last.answers() != count) {
                last = known(count, now);
                known = last;
            }
            return last.until() - now <= 0 ? null : last.quantiles();
        }

        private Known known(long count, long now) {
            long[] young = new long[REMEMBERED];
            int size = 0;
            for (int each = 0; each < Math.min(count, REMEMBERED); each++) {
                if (now - ended.get(each) < WINDOW.toNanos()) {
                    young[size++] = took.get(each);
                }
            }
            if (size < FEWEST) {
                return new Known(count, null, now);
            }
            Arrays.sort(young, 0, size);
            long tenth = ended.get((int) ((count - FEWEST) % REMEMBERED));
            Quantiles quantiles = new Quantiles(rank(young, size, 50), rank(young, size, 95));
            return new Known(count, quantiles, tenth + WINDOW.toNanos());
        }

        private static Duration rank(long[] sorted, int size, int percent) {
            return Duration.ofNanos(sorted[Math.ceilDiv(percent * size, 100) - 1]);
        }
    }
}
