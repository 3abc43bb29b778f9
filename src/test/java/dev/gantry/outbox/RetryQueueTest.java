package dev.gantry.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.concurrent.Backoff;
import dev.gantry.event.Outbound;
import dev.gantry.event.OutboundRecord;

import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

class RetryQueueTest {
    private final RetryQueue retries =
            new RetryQueue(
                    new Backoff(Duration.ofMillis(1), Duration.ofMillis(1)),
                    InstantSource.system());

    @Test
    @Timeout(120)
    void aTopicThatBlocksAgainIsTriedAgainThoughProbesCameBackAfterItHadOpened()
            throws InterruptedException {
        PendingRecord one = pending();
        PendingRecord other = pending();
        PendingRecord later = pending();
        retries.failed(one, new TimeoutException());
        retries.add(other);
        assertThat(List.of(retries.awaitNext(), retries.awaitNext())).containsExactly(one, other);
        retries.succeeded(one);
        retries.succeeded(other);
        assertThat(retries.open()).isTrue();

        retries.failed(later, new TimeoutException());

        assertThat(retries.awaitNext()).isSameAs(later);
    }

    private static PendingRecord pending() {
        OutboundRecord record = new OutboundRecord("topic", null, List.of(), new byte[0]);
        return new PendingRecord(new Outbound(record, null), () -> {}, null);
    }
}
