package dev.gantry.intake.membership;

import dev.gantry.reread.ReadFailure;

import org.apache.kafka.clients.consumer.Consumer;
import org.springframework.kafka.listener.CommonErrorHandler;
import org.springframework.kafka.listener.MessageListenerContainer;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** A poll that failed is tried again; nothing is ever acknowledged on that account. */
public final class PollFailures implements CommonErrorHandler {
    private static final Duration REST = Duration.ofSeconds(1);

    /** How long after the last failed poll the loop still counts as troubled. */
    private static final Duration FRESH = Duration.ofSeconds(5);

    /** Written by the consumer thread, read by health pages and by what says it in the log. */
    private volatile String lastReason = "";

    private volatile long lastNanos;

    /** Why polls fail now; empty if they do not. */
    public Optional<String> current() {
        boolean fresh = System.nanoTime() - lastNanos < FRESH.toNanos();
        return lastReason.isEmpty() || !fresh ? Optional.empty() : Optional.of(lastReason);
    }

    /** What fails again and again is tried once a second: a loop without a rest would only heat. */
    @Override
    public void handleOtherException(
            Exception trouble,
            Consumer<?, ?> consumer,
            MessageListenerContainer container,
            boolean batchListener) {
        failed(ReadFailure.reason(trouble));
        LockSupport.parkNanos(REST.toNanos());
    }

    void failed(String reason) {
        lastNanos = System.nanoTime();
        lastReason = reason;
    }

    /** A poll went well. */
    void over() {
        lastReason = "";
    }

    /** Acknowledging would commit past unfinished work. */
    @Override
    public boolean isAckAfterHandle() {
        return false;
    }

    @Override
    public void setAckAfterHandle(boolean ackAfterHandle) {
        throw new IllegalArgumentException("intake commits its own offsets");
    }
}
