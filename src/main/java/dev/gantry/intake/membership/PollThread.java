package dev.gantry.intake.membership;

import org.springframework.core.task.AsyncTaskExecutor;

import java.util.function.BooleanSupplier;

/**
 * The thread of the poll loop: whatever ends it, somebody hears of it. No {@link
 * dev.gantry.concurrent.BackgroundLoop}: the loop is spring-kafka's, which asks for a thread only.
 */
public final class PollThread implements AsyncTaskExecutor {
    private final BooleanSupplier stopping;
    private final Runnable ended;

    /**
     * @param stopping whether it is to end
     * @param ended run on the thread that ends although it was not to
     */
    public PollThread(BooleanSupplier stopping, Runnable ended) {
        this.stopping = stopping;
        this.ended = ended;
    }

    @Override
    public void execute(Runnable loop) {
        Thread.ofPlatform().name("intake").start(() -> run(loop));
    }

    private void run(Runnable loop) {
        try {
            loop.run();
        } finally {
            if (!stopping.getAsBoolean()) {
                ended.run();
            }
        }
    }
}
