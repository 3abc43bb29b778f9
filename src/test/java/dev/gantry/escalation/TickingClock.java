package dev.gantry.escalation;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/** Stands still until it is moved; tells wall time and monotonic time. */
final class TickingClock implements InstantSource, LongSupplier {
    static final Instant START = Instant.parse("2026-11-20T12:00:00Z");

    private Instant now = START;

    void advance(Duration time) {
        now = now.plus(time);
    }

    @Override
    public Instant instant() {
        return now;
    }

    @Override
    public long getAsLong() {
        return Duration.between(START, now).toNanos();
    }
}
