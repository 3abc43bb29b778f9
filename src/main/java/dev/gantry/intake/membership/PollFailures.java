package dev.gantry.intake.membership;

import dev.gantry.reread.ReadFailure;

import org.apache.kafka.clients.consumer.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.listener.CommonErrorHandler;
import org.springframework.kafka.listener.MessageListenerContainer;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/** A poll that failed is tried again; nothing is ever acknowledged on that account. */
public final class PollFailures implements CommonErrorHandler {
    private static final Logger log = LoggerFactory.getLogger(PollFailures.class);
    private static final Duration REST = Duration.ofSeconds(1);

    /** How long after the last failed poll the loop still counts as troubled. */
    private static final Duration FRESH = Duration.ofSeconds(5);

    /** Written by the consumer thread, read by health pages. */
    private volatile String lastReason = "";

    private volatile long lastNanos;

    /** Why polls fail now; empty if they do not. */
    public Optional<String> current() {
        boolean fresh = System.nanoTime() - lastNanos < FRESH.toNanos();
        return lastReason.isEmpty() || !fresh ? Optional.empty() : Optional.of(lastReason);
    }

    /**
     * What fails again and again is said once and tried once a second: a loop without a rest would
     * only fill the log.
     */
    @Override
    public void handleOtherException(
            Exception trouble,
            Consumer<?, ?> consumer,
            MessageListenerContainer container,
            boolean batchListener) {
        failed(ReadFailure.reason(trouble));
        LockSupport.parkNanos(REST.toNanos());
    }

    /** Said once in a row of the same. */
    void failed(String reason) {
        lastNanos = System.nanoTime();
        if (!reason.equals(lastReason)) {
            lastReason = reason;
            log.atWarn()
                    .addKeyValue("reason", reason)
                    .log("trouble with the consumer; it is tried again");
        }
    }

    /** A poll went well, or the next one is to be told of again. */
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
