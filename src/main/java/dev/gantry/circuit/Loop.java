package dev.gantry.circuit;

import dev.gantry.memory.Exhaustion;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * A background thread that makes pass after pass, and rests between them until its time or a call.
 */
final class Loop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Loop.class);
    private static final long AFTER_A_BUG = Duration.ofSeconds(1).toNanos();

    /** Longer than one statement may hang. */
    private static final Duration STOP_WITHIN = Duration.ofSeconds(5);

    private final Thread thread;
    private final Pass pass;
    private volatile boolean called;
    private volatile boolean stopping;

    /** Returns the nanoseconds until the next pass. */
    interface Pass {
        long run();
    }

    /** A platform thread: however busy the virtual ones are, circuits go on. */
    Loop(String name, Pass pass) {
        this.pass = pass;
        this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Ends the rest; a call during a pass is followed by another pass. Never blocks. */
    void call() {
        if (!called) {
            called = true;
            LockSupport.unpark(thread);
        }
    }

    boolean stopping() {
        return stopping;
    }

    /** Returns once the pass under way is over. */
    @Override
    public void close() {
        stopping = true;
        called = true;
        LockSupport.unpark(thread);
        if (thread.getState() == Thread.State.NEW) {
            return;
        }
        try {
            thread.join(STOP_WITHIN);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        while (!stopping) {
            // Before the pass, so that what is said from now on is not lost.
            called = false;
            long rest = once();
            if (!called && rest > 0) {
                LockSupport.parkNanos(this, rest);
            }
        }
    }

    /** The loop's top: whatever happens, the next pass is made. */
    private long once() {
        try {
            return pass.run();
        } catch (Throwable e) {
            Exhaustion.check(e);
            LOG.atError()
                    .addKeyValue("loop", thread.getName())
                    .setCause(e)
                    .log("circuits stumble, and go on");
            return AFTER_A_BUG;
        }
    }
}
