package dev.gantry.routing;

import dev.gantry.inference.LaneId;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;

/**
 * How long each lane's latest answers took, as this worker saw it. Worked out when a lane answers,
 * so that to ask is cheap. Thread-safe, without a lock.
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
        Known known = latest == null ? null : latest.known;
        return known == null || known.until() - nanos.getAsLong() <= 0 ? null : known.quantiles();
    }

    /** By nearest rank: each is the latency of an answer. */
    public record Quantiles(Duration p50, Duration p95) {}

    /**
     * @param until when too few of the answers are young enough
     */
    private record Known(Quantiles quantiles, long until) {}

    /**
     * Of one lane. Answers that end at the same time may miss each other; the next one makes up for
     * it.
     */
    private static final class Latest {
        private final AtomicLongArray took = new AtomicLongArray(REMEMBERED);
        private final AtomicLongArray ended = new AtomicLongArray(REMEMBERED);
        private final AtomicLong answers = new AtomicLong();

        private volatile @Nullable Known known;

        void add(long nanos, long now) {
            long number = answers.getAndIncrement();
            took.set((int) (number % REMEMBERED), nanos);
            ended.set((int) (number % REMEMBERED), now);
            if (number + 1 >= FEWEST) {
                known = known(number + 1, now);
            }
        }

        private @Nullable Known known(long count, long now) {
            long window = WINDOW.toNanos();
            long[] young =
                    IntStream.range(0, (int) Math.min(count, REMEMBERED))
                            .filter(each -> now - ended.get(each) < window)
                            .mapToLong(took::get)
                            .sorted()
                            .toArray();
            if (young.length < FEWEST) {
                return null;
            }
            long tenth = ended.get((int) ((count - FEWEST) % REMEMBERED));
            return new Known(new Quantiles(rank(young, 50), rank(young, 95)), tenth + window);
        }

        private static Duration rank(long[] sorted, int percent) {
            int rank = Math.ceilDiv(percent * sorted.length, 100);
            return Duration.ofNanos(sorted[rank - 1]);
        }
    }
}
