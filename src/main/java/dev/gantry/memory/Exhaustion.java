package dev.gantry.memory;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.charset.StandardCharsets;

/**
 * Ends the process when the JVM has no memory left, as {@code -XX:+ExitOnOutOfMemoryError} would:
 * some thread has died then, or has lost what it was doing, and a worker that lives on may be deaf.
 * Every loop that catches whatever comes asks here first.
 */
public final class Exhaustion {
    private static final Logger LOG = LoggerFactory.getLogger(Exhaustion.class);

    /** The JVM's own status for it. */
    public static final int STATUS = 3;

    /** Share of the heap that may be in use right after an allocation failed. */
    private static final double ROOMY = 0.7;

    private static final int MOST_CAUSES = 20;

    /** Made beforehand: there is no memory to make them later. */
    private static final FileOutputStream ERR = new FileOutputStream(FileDescriptor.err);

    private static final byte[] SENTENCE =
            ("gantry: out of memory; the worker ends with status 3. Give it a larger heap (-Xmx), or"
                            + " lower gantry.worker.max-in-flight-size or max-response-size.\n")
                    .getBytes(StandardCharsets.UTF_8);

    private static volatile boolean armed;

    private Exhaustion() {}

    /** From now on an error of the JVM ends the process, also one that no code catches. */
    public static void arm() {
        armed = true;
        Thread.setDefaultUncaughtExceptionHandler(
                (thread, error) -> {
                    check(error);
                    LOG.atError()
                            .addKeyValue("thread", thread.getName())
                            .setCause(error)
                            .log("a thread has died");
                });
    }

    /** Does not return if this comes of a want of memory, or of a JVM that is no longer sound. */
    public static void check(@Nullable Throwable error) {
        Throwable cause = error;
        for (int depth = 0; armed && cause != null && depth < MOST_CAUSES; depth++) {
            if (fatal(cause)) {
                end(cause);
            }
            cause = cause.getCause();
        }
    }

    /**
     * The same, unless the heap has room enough without what failed: then one allocation was too
     * large for it, a record that unpacks to a multiple of the heap, and that is its caller's
     * trouble.
     */
    public static void checkHeap(Throwable error) {
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        if (heap.getUsed() > ROOMY * heap.getMax()) {
            check(error);
        }
    }

    /** A stack that overflows is one request's trouble. */
    static boolean fatal(Throwable error) {
        return error instanceof VirtualMachineError && !(error instanceof StackOverflowError);
    }

    private static void end(Throwable cause) {
        try {
            ERR.write(SENTENCE);
            ERR.write(("gantry: " + cause + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException | OutOfMemoryError _) {
            // The status says it all the same.
        } finally {
            // No hooks: they would want memory, and an orderly end would say that all is well.
            Runtime.getRuntime().halt(STATUS);
        }
    }
}
