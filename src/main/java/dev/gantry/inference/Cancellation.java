package dev.gantry.inference;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets another thread end a request's work: shutdown, or a partition taken away. Once cancelled,
 * for good.
 */
public final class Cancellation {
    private final CountDownLatch cancelled = new CountDownLatch(1);

    /** Closes the connection of the call under way; guarded by this. */
    private @Nullable Runnable hook;

    public void cancel() {
        Runnable call;
        synchronized (this) {
            cancelled.countDown();
            call = hook;
            hook = null;
        }
        if (call != null) {
            call.run();
        }
    }

    public boolean cancelled() {
        return cancelled.getCount() == 0;
    }

    /**
     * Runs {@code stop} when this is cancelled, at once if it already is; one call is under way at
     * a time. Close the registration when the call has ended.
     *
     * @throws IllegalStateException if another call is registered
     */
    public Registration onCancel(Runnable stop) {
        synchronized (this) {
            if (!cancelled()) {
                if (hook != null) {
                    throw new IllegalStateException("a call is already registered");
                }
                hook = stop;
                return this::forget;
            }
        }
        stop.run();
        return this::forget;
    }

    private synchronized void forget() {
        hook = null;
    }

    /** Waits; true if cancelled meanwhile. */
    public boolean await(Duration time) throws InterruptedException {
        return cancelled.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Ends a registration. */
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }
}
