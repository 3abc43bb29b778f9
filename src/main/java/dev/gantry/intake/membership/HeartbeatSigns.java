package dev.gantry.intake.membership;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.Metric;
import org.jspecify.annotations.Nullable;

import java.time.Duration;

/**
 * Signs that a consumer is a member of its group. The client has no word for it: it keeps the epoch
 * it once had, and says nothing at all when it has given up. What tells is that it goes on sending
 * heartbeats.
 */
final class HeartbeatSigns {
    private static final String LAST_HEARTBEAT = "last-heartbeat-seconds-ago";

    private final long openedNanos = System.nanoTime();
    private final Consumer<?, ?> consumer;
    private final @Nullable Metric lastHeartbeat;

    HeartbeatSigns(Consumer<?, ?> consumer) {
        this.consumer = consumer;
        this.lastHeartbeat =
                consumer.metrics().values().stream()
                        .filter(each -> each.metricName().name().equals(LAST_HEARTBEAT))
                        .findAny()
                        .orElse(null);
    }

    /** Whether the coordinator has admitted it at some time. */
    boolean admitted() {
        return consumer.groupMetadata().generationId() > 0;
    }

    /** Since the last heartbeat left, or since the consumer was opened if none ever did. */
    Duration silence() {
        return lastHeartbeat != null
                        && lastHeartbeat.metricValue() instanceof Double seconds
                        && seconds >= 0
                ? Duration.ofSeconds(seconds.longValue())
                : Duration.ofNanos(System.nanoTime() - openedNanos);
    }
}
