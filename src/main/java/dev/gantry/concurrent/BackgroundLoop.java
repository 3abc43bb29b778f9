package dev.gantry.concurrent;

import dev.gantry.memory.Exhaustion;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * A thread that makes pass after pass until it is closed. A pass that fails costs a pause, not the
 * loop's life; an error of the JVM ends the process.
 *
 * <p>A platform thread: however busy the virtual ones are, it goes on. The JDK's and Spring's
 * schedulers would do for the loops with a fixed period, but not for those that are called to their
 * next pass or say themselves how long they rest.
 */
public final class BackgroundLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BackgroundLoop.class);

    /** So that a bug of ours does not fill the log. */
    private static final Backoff AFTER_FAILURES =
            new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(8));

    /** Longer than one statement may hang. */
    private static final Duration STOP_WITHIN = Duration.ofSeconds(5);

    private final Thread thread;
    private final Pass pass;
    private final boolean interrupted;
    private volatile boolean called;
    private volatile boolean closed;
    private volatile boolean onceMore;

    /** Only the loop's thread uses it. */
    private int failures;

    /** What is done over and over. */
    @FunctionalInterface
    public interface Pass {
        /** Returns the rest until the next pass, which a call ends; zero or less: none. */
        Duration run() throws InterruptedException;
    }

    /** A pass that does not say how long to rest. */
    @FunctionalInterface
    public interface Step {
        void run() throws InterruptedException;
    }

    private BackgroundLoop(String name, Pass pass, boolean interrupted) {
        this.pass = pass;
        this.interrupted = interrupted;
        this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
    }

    /** Rests between passes; closing lets the pass under way end. */
    public static BackgroundLoop of(String name, Pass pass) {
        return new BackgroundLoop(name, pass, false);
    }

    /** Makes a pass at once and then one after each such rest. */
    public static BackgroundLoop every(Duration period, String name, Step step) {
        return of(
                name,
                () -> {
                    step.run();
                    return period;
                });
    }

    /** Never rests: a step waits by itself for something to do, and closing interrupts it. */
    public static BackgroundLoop waiting(String name, Step step) {
        return new BackgroundLoop(
                name,
                () -> {
                    step.run();
                    return Duration.ZERO;
                },
                true);
    }

    /** Once. */
    public void start() {
        thread.start();
    }

    /** Ends the rest; a call during a pass is followed by another pass. Never blocks. */
    public void call() {
        if (!called) {
            called = true;
            LockSupport.unpark(thread);
        }
    }

    /** Whether a long pass had better end early. */
    public boolean closed() {
        return closed;
    }

    /** Returns once the thread has ended, or after five seconds. */
    @Override
    public void close() {
        closed = true;
        called = true;
        if (interrupted) {
            thread.interrupt();
        } else {
            LockSupport.unpark(thread);
        }
        if (thread.getState() == Thread.State.NEW) {
            return;
        }
        try {
            var _ = thread.join(STOP_WITHIN);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** The same, and a last pass is made before the thread ends. */
    public void closeAfterAPass() {
        onceMore = true;
        close();
    }

    private void run() {
        try {
            while (!closed) {
                // Before the pass, so that what is said from now on is not lost.
                called = false;
                Duration rest = once();
                if (!called && rest.isPositive()) {
                    LockSupport.parkNanos(this, rest.toNanos());
                }
            }
            if (onceMore) {
                var _ = once();
            }
        } catch (InterruptedException _) {
            // Closing, the only one who interrupts.
        }
    }

    private Duration once() throws InterruptedException {
        try {
            Duration rest = pass.run();
            failures = 0;
            return rest;
        } catch (InterruptedException e) {
            throw e;
        } catch (Throwable e) {
            Exhaustion.check(e);
            LOG.atError()
                    .addKeyValue("loop", thread.getName())
                    .setCause(e)
                    .log("a pass failed; the loop goes on");
            return AFTER_FAILURES.after(++failures);
        }
    }
}
