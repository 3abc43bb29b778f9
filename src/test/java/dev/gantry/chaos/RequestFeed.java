package dev.gantry.chaos;

import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A steady stream of requests that outlasts any outage of the broker, and sends each once. */
final class RequestFeed implements AutoCloseable {
    private static final long TICK_MILLIS = 50;
    private static final long TICKS_PER_SECOND = 20;
    private static final long STOP_SECONDS = 120;

    private final KafkaProducer<byte[], byte[]> producer;
    private final String topic;
    private final int partitions;
    private final String stem;
    private final ScheduledExecutorService beat = Executors.newSingleThreadScheduledExecutor();

    /** Used by the beat's thread, and after its end by the one that stops it. */
    private final List<Future<?>> sent = new ArrayList<>();

    private RequestFeed(String bootstrapServers, String topic, int partitions, String stem) {
        this.producer =
                new KafkaProducer<>(
                        Map.of(
                                "bootstrap.servers",
                                bootstrapServers,
                                "enable.idempotence",
                                "true",
                                "acks",
                                "all",
                                "max.block.ms",
                                "120000"),
                        new ByteArraySerializer(),
                        new ByteArraySerializer());
        this.topic = topic;
        this.partitions = partitions;
        this.stem = stem;
    }

    /** Some at once, so that there is work in hand from the beginning; then so many a second. */
    static RequestFeed start(
            String bootstrapServers,
            String topic,
            int partitions,
            String stem,
            int atOnce,
            int perSecond) {
        RequestFeed requestFeed = new RequestFeed(bootstrapServers, topic, partitions, stem);
        var _ = requestFeed.beat.submit(() -> requestFeed.send(atOnce));
        int perTick = Math.toIntExact(Math.max(1, perSecond / TICKS_PER_SECOND));
        var _ =
                requestFeed.beat.scheduleAtFixedRate(
                        () -> requestFeed.send(perTick), 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
        return requestFeed;
    }

    private void send(int count) {
        for (int each = 0; each < count; each++) {
            int number = sent.size();
            String line =
                    "{\"custom_id\":\"%s%d\",\"body\":{\"model\":\"model\",\"max_tokens\":50,\"messages\":[{\"role\":\"user\",\"content\":\"Say %d\"}]}}"
                            .formatted(stem, number, number);
            sent.add(
                    producer.send(
                            new ProducerRecord<>(
                                    topic,
                                    number % partitions,
                                    null,
                                    line.getBytes(StandardCharsets.UTF_8))));
        }
    }

    /** Returns the names of all that were sent, once the broker has them. */
    List<String> stop() throws InterruptedException, ExecutionException {
        beat.shutdown();
        if (!beat.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("the feed does not end");
        }
        List<String> names = new ArrayList<>();
        for (Future<?> each : sent) {
            each.get();
            names.add(stem + names.size());
        }
        return names;
    }

    @Override
    public void close() {
        beat.shutdownNow();
        producer.close(Duration.ZERO);
    }
}
