package dev.gantry.outbox;

import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The producer, replaced when it breaks for good: some errors it never leaves by itself. */
final class RenewableProducer {
    private static final Logger log = LoggerFactory.getLogger(RenewableProducer.class);

    private static final Duration LEARN_WITHIN = Duration.ofSeconds(2);

    /** A producer that never waits would be asked without end. */
    private static final Duration PAUSE = Duration.ofMillis(5);

    private final Supplier<? extends Producer<byte[], byte[]>> producers;
    private volatile Generation current;

    /** The number of the generation last found broken. */
    private volatile int broken = -1;

    RenewableProducer(Supplier<? extends Producer<byte[], byte[]>> producers) {
        this.producers = producers;
        this.current = first();
    }

    /** Without one, the first to need it tries again. */
    private Generation first() {
        try {
            return new Generation(0, producers.get());
        } catch (KafkaException _) {
            broken = 0;
            return new Generation(0, null);
        }
    }

    /**
     * @param producer null: there is none to be had yet
     */
    private record Generation(int number, @Nullable Producer<byte[], byte[]> producer) {}

    /**
     * Sends.
     *
     * @param ended told null once the broker has the record, else why it has not; on the producer's
     *     own thread or on this one
     * @throws InterruptException if this thread was told to stop; the record was not sent
     */
    void send(ProducerRecord<byte[], byte[]> record, Consumer<@Nullable Exception> ended) {
        Generation through = current;
        Producer<byte[], byte[]> producer = through.producer();
        if (producer == null) {
            ended(through.number(), new KafkaException("there is no producer yet"), ended);
            return;
        }
        try {
            // The future says no more than the callback.
            var _ = producer.send(record, (_, cause) -> ended(through.number(), cause, ended));
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException | IllegalStateException e) {
            ended(through.number(), e, ended);
        }
    }

    /**
     * Asks where a topic is; a topic that is not there yet is asked for again by its first record.
     */
    void learn(String topic) {
        long end = System.nanoTime() + LEARN_WITHIN.toNanos();
        Producer<byte[], byte[]> producer = current.producer();
        while (producer != null) {
            try {
                var _ = producer.partitionsFor(topic);
                return;
            } catch (InterruptException e) {
                throw e;
            } catch (KafkaException e) {
                // One question lasts no longer than a caller may be held, which is short.
                if (!(e instanceof TimeoutException) || System.nanoTime() - end > 0) {
                    log.atWarn()
                            .addKeyValue("topic", topic)
                            .addKeyValue("cause", e.toString())
                            .log("topic not known yet");
                    return;
                }
                LockSupport.parkNanos(PAUSE.toNanos());
            }
        }
    }

    /**
     * Replaces the producer if it is broken.
     *
     * @throws KafkaException if there is no new one to be had
     */
    synchronized void mend() {
        Generation old = current;
        if (broken != old.number()) {
            return;
        }
        current = new Generation(old.number() + 1, producers.get());
        Producer<byte[], byte[]> gone = old.producer();
        if (gone != null) {
            log.atWarn().log("the producer was broken for good and has been replaced");
            // What it still held comes back through the callbacks.
            gone.close(Duration.ZERO);
        }
    }

    void close() {
        Producer<byte[], byte[]> last = current.producer();
        if (last != null) {
            last.close(Duration.ZERO);
        }
    }

    private void ended(
            int generation, @Nullable Exception cause, Consumer<@Nullable Exception> ended) {
        if (cause != null
                && SendFailure.of(cause) == SendFailure.PRODUCER_BROKEN
                && generation == current.number()) {
            broken = generation;
        }
        ended.accept(cause);
    }
}
