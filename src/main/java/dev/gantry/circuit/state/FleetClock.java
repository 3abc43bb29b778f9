package dev.gantry.circuit.state;

import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;

/**
 * The store's clock, estimated: the sample with the shortest way decides, carried on by a clock
 * that never jumps.
 */
public final class FleetClock {
    private static final long NANOS = 1_000_000_000L;
    private static final long MICROS = 1_000L;

    /** Two clocks drift apart by some 50 µs in a second; so long a sample may decide. */
    private static final long STALE_NANOS = Duration.ofSeconds(60).toNanos();

    private final LongSupplier ticks;

    /** Nanoseconds from ticks to the epoch. */
    private volatile long offset;

    /** The deciding sample's way and moment; only the sampling thread uses them. */
    private long way = Long.MAX_VALUE;

    private long sampledAt;

    /** Until the first sample the local clock serves. */
    public FleetClock(LongSupplier ticks, Instant local) {
        this.ticks = ticks;
        this.offset = nanos(local) - ticks.getAsLong();
    }

    /** Nanoseconds since the epoch. */
    public long nanos() {
        return ticks.getAsLong() + offset;
    }

    /** In microseconds, as the table keeps times. */
    public Instant now() {
        long micros = Math.floorDiv(nanos(), MICROS);
        return Instant.ofEpochSecond(
                Math.floorDiv(micros, NANOS / MICROS),
                Math.floorMod(micros, NANOS / MICROS) * MICROS);
    }

    public long ticks() {
        return ticks.getAsLong();
    }

    /** The store said {@code at} between these two ticks. */
    public void sample(long asked, Instant at, long answered) {
        long took = answered - asked;
        if (took <= way || answered - sampledAt > STALE_NANOS) {
            way = took;
            sampledAt = answered;
            offset = nanos(at) - (asked + took / 2);
        }
    }

    /** The next sample decides: after an outage it may be another database. */
    public void forget() {
        way = Long.MAX_VALUE;
    }

    public static long nanos(Instant time) {
        return time.getEpochSecond() * NANOS + time.getNano();
    }
}
