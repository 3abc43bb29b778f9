package dev.gantry.inference;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets another thread end a request's work: shutdown, or a partition taken away; or one of its
 * calls, that lost a race. Once cancelled, for good.
 */
public final class Cancellation {
    private volatile boolean cancelled;

    /** Somebody waits; guarded by this. */
    private @Nullable CountDownLatch waiters;

    /** What is under way, each with its way to stop; guarded by this. */
    private final List<Registration> open = new ArrayList<>(2);

    /** Whatever is under way is stopped, in the order in which it began. */
    public void cancel() {
        List<Registration> stopped;
        synchronized (this) {
            cancelled = true;
            if (waiters != null) {
                waiters.countDown();
            }
            stopped = List.copyOf(open);
            open.clear();
        }
        stopped.forEach(each -> each.stop.run());
    }

    public boolean cancelled() {
        return cancelled;
    }

    /**
     * Runs {@code stop} when this is cancelled, at once if it already is. Close the registration
     * when there is nothing to be stopped any more.
     */
    public Registration onCancel(Runnable stop) {
        var registration = new Registration(stop);
        synchronized (this) {
            if (!cancelled) {
                open.add(registration);
                return registration;
            }
        }
        stop.run();
        return registration;
    }

    /** Waits; true if cancelled meanwhile. */
    public boolean await(Duration time) throws InterruptedException {
        CountDownLatch latch;
        synchronized (this) {
            latch = waiters == null ? new CountDownLatch(cancelled ? 0 : 1) : waiters;
            waiters = latch;
        }
        return latch.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Something under way that a cancellation stops. */
    public final class Registration implements AutoCloseable {
        private final Runnable stop;

        private Registration(Runnable stop) {
            this.stop = stop;
        }

        @Override
        public void close() {
            synchronized (Cancellation.this) {
                open.remove(this);
            }
        }
    }
}
