package dev.gantry.benchmark;

import dev.gantry.testbed.Fleet;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Sends requests at their time, however slowly they are answered. */
final class OpenLoop {
    static final int LOTS_PER_SECOND = 50;
    private static final long BEAT_NANOS = Duration.ofSeconds(1).toNanos() / LOTS_PER_SECOND;

    private OpenLoop() {}

    static void send(Fleet fleet, int seconds, Supplier<List<String>> lot) throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        long start = System.nanoTime();
        for (int each = 0; each < seconds * LOTS_PER_SECOND; each++) {
            long due = start + each * BEAT_NANOS - System.nanoTime();
            var _ = never.await(Math.max(0, due), TimeUnit.NANOSECONDS);
            fleet.send(lot.get());
        }
    }
}
