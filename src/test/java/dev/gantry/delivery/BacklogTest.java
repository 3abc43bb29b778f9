package dev.gantry.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.List;

class BacklogTest {
    private final Backlog backlog =
            new Backlog(new Outlet.Backoff(Duration.ofMillis(1), Duration.ofMillis(1)));

    @Test
    @Timeout(10)
    void aTopicThatBlocksAgainIsTriedAgainThoughProbesCameBackAfterItHadOpened()
            throws InterruptedException {
        Shipment one = shipment();
        Shipment other = shipment();
        Shipment later = shipment();
        backlog.failed(one, new TimeoutException());
        backlog.add(other);
        assertThat(List.of(backlog.awaitNext(), backlog.awaitNext())).containsExactly(one, other);
        assertThat(backlog.succeeded(one)).as("opens").isTrue();
        assertThat(backlog.succeeded(other)).as("opens").isFalse();

        backlog.failed(later, new TimeoutException());

        assertThat(backlog.awaitNext()).isSameAs(later);
    }

    private static Shipment shipment() {
        OutboundRecord record = new OutboundRecord("topic", null, List.of(), new byte[0]);
        return new Shipment(new Outbound(record, null), () -> {});
    }
}
