package dev.gantry.outbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gantry.inference.Chunk;
import dev.gantry.inference.InferenceRequest;

import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Puts chunks on their topic, each at most once and none later: one that the broker does not take
 * is lost, and counted. Never makes a call wait, and has a producer of its own so that chunks are
 * in nobody's way.
 */
public final class ChunkPublisher implements AutoCloseable {
    private static final Header LAST = new RecordHeader("gantry-last", "true".getBytes(UTF_8));

    private final RenewableProducer producer;
    private final String topic;
    private final LongAdder published = new LongAdder();
    private final LongAdder dropped = new LongAdder();

    /**
     * Of this topic.
     *
     * @param producers makes the producer, and a new one should it break for good; with {@link
     *     #producerKeys}
     */
    public ChunkPublisher(Supplier<? extends Producer<byte[], byte[]>> producers, String topic) {
        this.producer = new RenewableProducer(producers);
        this.topic = topic;
    }

    /** Producer settings that it counts on, above whatever the user sets. */
    public static Map<String, Object> producerKeys() {
        return Map.of(
                // A full buffer, or a topic that nobody knows, is no reason to wait.
                ProducerConfig.MAX_BLOCK_MS_CONFIG,
                0,
                ProducerConfig.BUFFER_MEMORY_CONFIG,
                32L << 20,
                // Nobody reads so fast, and the deltas of all streams travel together.
                ProducerConfig.LINGER_MS_CONFIG,
                10,
                // However long nobody streams: a topic forgotten would cost the first chunks.
                ProducerConfig.METADATA_MAX_IDLE_CONFIG,
                Duration.ofDays(3650).toMillis());
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
                // Not here: this may be the broken one's own thread.
                var _ = Thread.startVirtualThread(producer::mend);
            }
        }
    }
}
