package dev.gantry.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gantry.concurrent.Backoff;
import dev.gantry.event.Outbound;
import dev.gantry.event.OutboundRecord;

import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Future;

/** Failures are injected by the Kafka client's own mock producer. */
class PublisherTest {
    private static final Backoff QUICK = new Backoff(Duration.ofMillis(1), Duration.ofMillis(8));

    private final List<MockProducer<byte[], byte[]>> producers = new CopyOnWriteArrayList<>();
    private final List<String> safe = new CopyOnWriteArrayList<>();
    private final Publisher publisher =
            new Publisher(this::newProducer, QUICK, null, InstantSource.system());

    @AfterEach
    void close() {
        publisher.close();
    }

    @Test
    void isSafeOnlyOnceTheBrokerHasIt() {
        send("results", "a");

        assertThat(safe).isEmpty();
        assertThat(publisher.status().records()).isEqualTo(1);
        assertThat(publisher.status().bytes()).isPositive();
        producer().completeNext();
        assertThat(safe).containsExactly("a");
        assertThat(publisher.status()).isEqualTo(new Publisher.Status(true, 0, 0, 0, null));
    }

    @Test
    void sendsTheIdenticalRecordAgainAfterATimeout() {
        send("results", "a");

        producer().errorNext(new TimeoutException("expired"));

        assertThat(publisher.status().healthy()).isFalse();
        assertThat(publisher.status().lastError()).contains("expired");
        soon().until(() -> producer().history().size() == 2);
        assertThat(producer().history().get(1)).isEqualTo(producer().history().get(0));
        producer().completeNext();
        soon().until(() -> safe.equals(List.of("a")));
        assertThat(publisher.status().healthy()).isTrue();
    }

    @Test
    void triesForEverUntilTheBrokerAnswers() {
        send("results", "a");

        for (int i = 0; i < 20; i++) {
            int tries = i + 1;
            soon().until(() -> producer().history().size() == tries);
            soon().until(() -> producer().errorNext(new TimeoutException("expired")));
        }

        assertThat(safe).isEmpty();
        soon().until(() -> producer().completeNext());
        soon().until(() -> safe.equals(List.of("a")));
    }

    @Test
    void holdsBackWhatComesAfterAFailureUntilOneGetsThrough() {
        send("results", "a");
        producer().errorNext(new TimeoutException("expired"));
        soon().until(() -> producer().history().size() == 2);
        for (int i = 0; i < 100; i++) {
            send("results", "r" + i);
        }

        // The round of probes, and no more.
        soon().until(() -> producer().history().size() == 17);
        assertThat(publisher.status().records()).isEqualTo(101);
        producer().completeNext();

        soon().until(
                        () -> {
                            producer().completeNext();
                            return safe.size() == 101;
                        });
        assertThat(publisher.status().records()).isZero();
    }

    @Test
    void aTopicWithoutPermissionDoesNotHoldUpTheOthers() {
        try (Publisher picky =
                new Publisher(WithoutAudit::new, QUICK, null, InstantSource.system())) {
            picky.send(record("audit", "a"), () -> safe.add("a"));
            picky.send(record("results", "r"), () -> safe.add("r"));

            assertThat(safe).containsExactly("r");
            assertThat(picky.status().healthy()).isFalse();
            assertThat(picky.status().records()).isEqualTo(1);
            assertThat(picky.status().lastError()).contains("TopicAuthorizationException");
        }
    }

    @Test
    void replacesAProducerThatIsBrokenForGood() {
        send("results", "a");

        producer().errorNext(new ClusterAuthorizationException("no idempotent writes"));

        soon().until(() -> producers.size() == 2);
        soon().until(() -> producers.getFirst().closed());
        soon().until(() -> producer().completeNext());
        soon().until(() -> safe.equals(List.of("a")));
    }

    @Test
    void survivesAProducerThatThrows() {
        producer().sendException = new KafkaException("in an error state");

        send("results", "a");

        soon().until(() -> producers.size() == 2);
        soon().until(() -> producer().completeNext());
        soon().until(() -> safe.equals(List.of("a")));
    }

    @Test
    void sendsTheSmallerFormOfARecordThatIsTooLarge() {
        Outbound outbound =
                Outbound.of(record("results", "large"), () -> record("results", "small"));
        publisher.send(outbound, () -> safe.add("done"), null);

        producer().errorNext(new RecordTooLargeException("too large"));

        soon().until(() -> producer().history().size() == 2);
        assertThat(values()).containsExactly("large", "small");
        soon().until(() -> producer().completeNext());
        soon().until(() -> safe.equals(List.of("done")));
        assertThat(publisher.status().undeliverable()).isZero();
        assertThat(publisher.status().bytes()).isZero();
    }

    @Test
    void countsAndSettlesWhatTheBrokerWillNeverTake() {
        send("metering", "large");

        producer().errorNext(new RecordTooLargeException("too large"));

        assertThat(publisher.status().undeliverable()).isEqualTo(1);
        assertThat(safe).containsExactly("large");
        assertThat(publisher.status().healthy()).isTrue();
    }

    @Test
    void flushWaitsForWhatIsOutstandingButNotForEver() throws InterruptedException {
        send("results", "a");

        assertThat(publisher.flush(Duration.ofMillis(5))).isFalse();
        producer().completeNext();
        assertThat(publisher.flush(Duration.ofSeconds(5))).isTrue();
    }

    @Test
    void anInterruptedCallerLosesNothing() {
        producer().sendException =
                new org.apache.kafka.common.errors.InterruptException("told to stop");
        send("results", "a");
        boolean interrupted = Thread.interrupted();
        producer().sendException = null;

        assertThat(interrupted).isTrue();
        soon().until(() -> producer().completeNext());
        soon().until(() -> safe.equals(List.of("a")));
    }

    private static ConditionFactory soon() {
        return await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(2));
    }

    private void send(String topic, String value) {
        publisher.send(record(topic, value), () -> safe.add(value));
    }

    private static OutboundRecord record(String topic, String value) {
        return new OutboundRecord(
                topic,
                "key".getBytes(StandardCharsets.UTF_8),
                List.of(new RecordHeader("ce_id", value.getBytes(StandardCharsets.UTF_8))),
                value.getBytes(StandardCharsets.UTF_8));
    }

    private List<String> values() {
        List<String> values = new ArrayList<>();
        for (ProducerRecord<byte[], byte[]> each : producer().history()) {
            values.add(new String(each.value(), StandardCharsets.UTF_8));
        }
        return values;
    }

    private MockProducer<byte[], byte[]> producer() {
        return producers.getLast();
    }

    private MockProducer<byte[], byte[]> newProducer() {
        MockProducer<byte[], byte[]> producer =
                new MockProducer<>(
                        false, null, new ByteArraySerializer(), new ByteArraySerializer());
        producers.add(producer);
        return producer;
    }

    /** A broker that grants all topics but audit. */
    private static final class WithoutAudit extends MockProducer<byte[], byte[]> {
        WithoutAudit() {
            super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        }

        @Override
        public synchronized Future<RecordMetadata> send(
                ProducerRecord<byte[], byte[]> record, Callback callback) {
            if (!record.topic().equals("audit")) {
                return super.send(record, callback);
            }
            var refusal = new TopicAuthorizationException(Set.of("audit"));
            callback.onCompletion(null, refusal);
            return CompletableFuture.failedFuture(refusal);
        }
    }
}
