package dev.gantry.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** Silence is injected by the Kafka client's own mock producer. */
@Timeout(60)
class RenewableProducerTest {
    private final AtomicInteger silent = new AtomicInteger();
    private final RenewableProducer producer = new RenewableProducer(Forgetful::new);

    @Test
    void theRestAfterAProbeEndsWithTheBrokersSilence() throws InterruptedException {
        silent.set(3);

        producer.awaitKnown("results", Duration.ofDays(1));

        assertThat(silent).hasNegativeValue();
    }

    @Test
    void whereTopicsStayKnownTheWholeRestIsKept() throws InterruptedException {
        long begun = System.nanoTime();

        producer.awaitKnown("results", Duration.ofMillis(20));

        assertThat(System.nanoTime() - begun).isGreaterThanOrEqualTo(20_000_000);
        assertThat(silent).as("it is asked once").hasValue(-1);
    }

    @Test
    void beingToldToStopEndsItAtOnce() {
        Thread.currentThread().interrupt();

        assertThatThrownBy(() -> producer.awaitKnown("results", Duration.ofDays(1)))
                .isInstanceOf(InterruptedException.class);
    }

    /** Does not know where a topic is, so many times, as when no broker answers. */
    private final class Forgetful extends MockProducer<byte[], byte[]> {
        Forgetful() {
            super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        }

        @Override
        public List<PartitionInfo> partitionsFor(String topic) {
            if (silent.getAndDecrement() > 0) {
                throw new TimeoutException("not present in metadata");
            }
            return List.of();
        }
    }
}
