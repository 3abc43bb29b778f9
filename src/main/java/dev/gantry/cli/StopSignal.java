package dev.gantry.cli;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;

/** A person's wish that a command end early; commands look at it a few times a second. */
public final class StopSignal {
    // Longer than the producer may take to hand over what it holds.
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final CountDownLatch requested = new CountDownLatch(1);

    public void request() {
        requested.countDown();
    }

    public boolean requested() {
        return requested.getCount() == 0;
    }

    /** Waits unless stopped. */
    public void pause(Duration time) {
        try {
            boolean _ = requested.await(time.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            request();
        }
    }

    /**
     * Runs a command so that SIGINT and SIGTERM ask it to stop, and the process then ends with the
     * command's own exit code, which an ordinary shutdown would not let through.
     */
    public static int guard(ToIntFunction<StopSignal> command) {
        var stop = new StopSignal();
        var ended = new CountDownLatch(1);
        var code = new AtomicInteger(ExitCode.TROUBLE.code());
        Thread hook = Thread.ofPlatform().unstarted(() -> halt(stop, ended, code));
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            code.set(command.applyAsInt(stop));
            return code.get();
        } finally {
            ended.countDown();
            release(hook);
        }
    }

    private static void halt(StopSignal stop, CountDownLatch ended, AtomicInteger code) {
        stop.request();
        try {
            boolean inTime = ended.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            Runtime.getRuntime().halt(inTime ? code.get() : ExitCode.INTERRUPTED.code());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void release(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The process is ending already: the hook does the rest.
        }
    }
}
