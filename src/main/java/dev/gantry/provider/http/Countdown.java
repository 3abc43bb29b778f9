package dev.gantry.provider.http;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;

/** A call's time limit, which stands still while we do not read. Only the call's thread uses it. */
final class Countdown implements AutoCloseable {
    private final ScheduledExecutorService timer;
    private final Runnable atEnd;
    private long leftNanos;
    private long startedNanos;
    private @Nullable Future<?> running;

    /**
     * @param atEnd runs on the timer's thread; must not block
     */
    Countdown(ScheduledExecutorService timer, Duration limit, Runnable atEnd) {
        this.timer = timer;
        this.leftNanos = limit.toNanos();
        this.atEnd = atEnd;
    }

    /**
     * Goes on with what is left.
     *
     * @throws RejectedExecutionException if the timer is closed
     */
    void start() {
        startedNanos = System.nanoTime();
        running = timer.schedule(atEnd, leftNanos, NANOSECONDS);
    }

    void pause() {
        leftNanos -= System.nanoTime() - startedNanos;
        close();
    }

    @Override
    public void close() {
        if (running != null) {
            running.cancel(false);
            running = null;
        }
    }
}
