package dev.gantry.intake;

import org.apache.kafka.clients.consumer.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.kafka.listener.CommonErrorHandler;
import org.springframework.kafka.listener.MessageListenerContainer;

/** A poll that failed is tried again; nothing is ever acknowledged on that account. */
final class PollTrouble implements CommonErrorHandler {
    private static final Logger log = LoggerFactory.getLogger(PollTrouble.class);

    /**
     * For one, the KIP-848 client (4.2.1) may trip over a partition that was lost during the poll.
     */
    @Override
    public void handleOtherException(
            Exception trouble,
            Consumer<?, ?> consumer,
            MessageListenerContainer container,
            boolean batchListener) {
        log.atWarn()
                .addKeyValue("reason", trouble.toString())
                .log("poll failed; it is tried again");
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
