package dev.gantry.provider.http;

import dev.gantry.concurrent.TimerWheel;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;

/** A call's time limit, which stands still while we do not read. Only the call's thread uses it. */
final class Countdown implements AutoCloseable {
    private final BooleanSupplier closed;
    private final Runnable atEnd;
    private long leftNanos;
    private long startedNanos;
    private TimerWheel.@Nullable Limit running;

    /**
     * @param closed whether it may not begin, nor go on after a pause
     * @param atEnd runs on the timer's thread; must not block
     */
    Countdown(BooleanSupplier closed, Duration limit, Runnable atEnd) {
        this.closed = closed;
        this.leftNanos = limit.toNanos();
        this.atEnd = atEnd;
    }

    /**
     * Goes on with what is left.
     *
     * @throws RejectedExecutionException if it may not
     */
    void start() {
        if (closed.getAsBoolean()) {
            throw new RejectedExecutionException("closed");
        }
        startedNanos = System.nanoTime();
        running = TimerWheel.shared().limit(leftNanos, atEnd);
    }

    void pause() {
        leftNanos -= System.nanoTime() - startedNanos;
        close();
    }

    @Override
    public void close() {
        if (running != null) {
            running.close();
            running = null;
        }
    }
}
