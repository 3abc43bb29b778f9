package dev.gantry.outbox;

import dev.gantry.memory.Exhaustion;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** A thread that takes one step after the other; a bug costs it a rest, not its life. */
final class Repeating implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Repeating.class);

    /** So that a bug of ours does not fill the log. */
    private static final Duration REST = Duration.ofSeconds(1);

    /** Longer than one statement may hang. */
    private static final Duration STOP_WITHIN = Duration.ofSeconds(3);

    private final String name;
    private final Step step;
    private final Thread thread;
    private volatile boolean closed;

    /** What is done over and over; waits by itself while there is nothing to do. */
    interface Step {
        void run() throws InterruptedException;
    }

    Repeating(String name, Step step) {
        this.name = name;
        this.step = step;
        this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
    }

    /** Once. */
    void start() {
        thread.start();
    }

    /** Returns once the thread has ended, or will not. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            var _ = thread.getState() == Thread.State.NEW || thread.join(STOP_WITHIN);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!closed) {
            try {
                step.run();
            } catch (InterruptedException e) {
                return; // closing, the only one who interrupts
            } catch (Throwable e) {
                Exhaustion.check(e);
                log.atError().addKeyValue("loop", name).setCause(e).log("step failed; it goes on");
                LockSupport.parkNanos(REST.toNanos());
            }
        }
    }
}
