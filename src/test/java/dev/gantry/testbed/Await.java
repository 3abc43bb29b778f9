package dev.gantry.testbed;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/**
 * Waits for a condition of a real part that sends no signal; looks again every few milliseconds, up
 * to a limit.
 */
public final class Await {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final long STEP_NANOS = Duration.ofMillis(10).toNanos();

    private Await() {}

    /**
     * Returns once {@code condition} holds; fails naming {@code what} if it does not within a
     * minute.
     */
    public static void until(String what, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + LIMIT.toSeconds() + " s: " + what);
            }
            LockSupport.parkNanos(STEP_NANOS);
        }
    }
}
