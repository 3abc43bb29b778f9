package dev.gantry.outbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gantry.inference.Chunk;
import dev.gantry.inference.InferenceRequest;

import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Puts chunks on their topic, each at most once and none later: one that the broker does not take
 * is lost, and counted. Never makes a call wait, and has a producer of its own so that chunks are
 * in nobody's way.
 */
public final class ChunkPublisher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ChunkPublisher.class);

    /** Nobody reads so fast, and the deltas of all streams travel together. */
    private static final int LINGER_MILLIS = 10;

    private static final Header LAST = new RecordHeader("gantry-last", "true".getBytes(UTF_8));

    private final RenewableProducer producer;
    private final String topic;
    private final LongAdder published = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private final Duration pause;

    /**
     * Whether a new producer is being made: each chunk that is lost meanwhile would ask for one.
     */
    private final AtomicBoolean mending = new AtomicBoolean();

    /**
     * Of this topic.
     *
     * @param producers makes the producer, and a new one should it break for good; with {@link
     *     #producerProperties}
     */
    public ChunkPublisher(Supplier<? extends Producer<byte[], byte[]>> producers, String topic) {
        this(producers, topic, Duration.ofSeconds(1));
    }

    /**
     * @param pause after a producer could not be made
     */
    ChunkPublisher(
            Supplier<? extends Producer<byte[], byte[]>> producers, String topic, Duration pause) {
        this.producer = new RenewableProducer(producers);
        this.topic = topic;
        this.pause = pause;
    }

    /**
     * Settings of its producer: those that it counts on, above whatever the user sets.
     *
     * @param worker those of the producer of all else
     */
    public static Map<String, Object> producerProperties(Map<String, Object> worker) {
        Map<String, Object> properties = new HashMap<>(worker);
        // A full buffer, or a topic that nobody knows, is no reason to wait.
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 0);
        properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 32L << 20);
        properties.put(ProducerConfig.LINGER_MS_CONFIG, LINGER_MILLIS);
        // As short as the client allows beside these two: what comes late is of no use.
        String request = String.valueOf(worker.get(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG));
        long delivery = Long.parseLong(request.strip()) + LINGER_MILLIS;
        properties.put(
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                (int) Math.min(Integer.MAX_VALUE, delivery));
        // However long nobody streams: a topic forgotten would cost the first chunks.
        properties.put(ProducerConfig.METADATA_MAX_IDLE_CONFIG, Duration.ofDays(3650).toMillis());
        return properties;
    }

    /** Makes the producer if there was none to be had, and asks where the topic is. */
    public void open() {
        producer.mend();
        producer.learn(topic);
    }

    /**
     * Hands it to the producer.
     *
     * @return false: it is lost
     */
    public boolean offer(InferenceRequest request, Chunk chunk) {
        var sending = new Sending();
        try {
            producer.send(record(request, chunk), sending);
        } catch (InterruptException e) {
            sending.accept(e); // the call is told to stop, as it will see
        }
        return !sending.lost;
    }

    private ProducerRecord<byte[], byte[]> record(InferenceRequest request, Chunk chunk) {
        List<Header> headers = new ArrayList<>(3);
        headers.add(header("gantry-attempt-id", chunk.attempt().value()));
        headers.add(header("gantry-sequence", Long.toString(chunk.sequence())));
        if (chunk.last()) {
            headers.add(LAST);
        }
        byte[] key = request.id().value().getBytes(UTF_8);
        return new ProducerRecord<>(topic, null, null, key, chunk.value(), headers);
    }

    private static Header header(String name, String value) {
        return new RecordHeader(name, value.getBytes(UTF_8));
    }

    /** Since the start, acknowledged. */
    public long published() {
        return published.sum();
    }

    /** Since the start, lost. */
    public long dropped() {
        return dropped.sum();
    }

    /** At once; what is under way may be lost. */
    @Override
    public void close() {
        producer.close();
    }

    /**
     * One record on its way; told of its end on the producer's thread, or on the call's at once.
     */
    private final class Sending implements Consumer<@Nullable Exception> {
        private volatile boolean lost;

        @Override
        public void accept(@Nullable Exception cause) {
            if (cause == null) {
                published.increment();
                return;
            }
            lost = true;
            dropped.increment();
            if (SendFailure.of(cause) == SendFailure.PRODUCER_BROKEN) {
                mendLater();
            }
        }
    }

    /** Not here: this may be the broken one's own thread. One at a time, as they come in masses. */
    private void mendLater() {
        if (mending.compareAndSet(false, true)) {
            var _ = Thread.startVirtualThread(this::mend);
        }
    }

    private void mend() {
        try {
            producer.mend();
        } catch (KafkaException e) {
            LOG.atWarn()
                    .addKeyValue("topic", topic)
                    .addKeyValue("cause", e.toString())
                    .log("chunks are lost: their producer cannot be made");
            LockSupport.parkNanos(pause.toNanos());
        } finally {
            mending.set(false);
        }
    }
}
