package dev.gantry.launch;

import org.jspecify.annotations.Nullable;
import org.springframework.context.ConfigurableApplicationContext;

import java.util.concurrent.atomic.AtomicReference;

/**
 * Ends the process. The JVM itself would report 143 after SIGTERM however orderly it went;
 * orchestrators read that as a crash, so an orderly stop halts with 0 once everything is closed.
 */
final class Shutdown {
    /** Set before System.exit, so that the hook does not turn a failure into a success. */
    private static volatile boolean exiting;

    private Shutdown() {}

    /**
     * Closes the context when the process is asked to stop; then exits 0.
     *
     * @param context holds null until there is one to close
     */
    static void closeOnSignal(AtomicReference<@Nullable ConfigurableApplicationContext> context) {
        Runtime.getRuntime()
                .addShutdownHook(
                        Thread.ofPlatform()
                                .name("shutdown")
                                .unstarted(
                                        () -> {
                                            ConfigurableApplicationContext open = context.get();
                                            if (open != null && !exiting) {
                                                open.close();
                                            }
                                            if (!exiting) {
                                                Runtime.getRuntime().halt(0);
                                            }
                                        }));
    }

    static void exit(int code) {
        exiting = true;
        System.exit(code);
    }
}
