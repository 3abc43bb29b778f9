package dev.gantry.cli;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/** Durations in milliseconds, all kept (4 bytes each), so that percentiles are exact. */
public final class Durations {
    private int[] values = new int[256];
    private int size;

    public void add(long millis) {
        if (size == values.length) {
            values = Arrays.copyOf(values, Math.multiplyExact(size, 2));
        }
        values[size++] = Math.clamp(millis, 0, Integer.MAX_VALUE);
    }

    /** By nearest rank; empty without values. */
    public Optional<Duration> percentile(int percent) {
        if (size == 0) {
            return Optional.empty();
        }
        int[] sorted = Arrays.copyOf(values, size);
        Arrays.sort(sorted);
        int rank = (int) Math.ceilDiv((long) size * percent, 100);
        return Optional.of(Duration.ofMillis(sorted[Math.max(rank, 1) - 1]));
    }
}
