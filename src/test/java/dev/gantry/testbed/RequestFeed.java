package dev.gantry.testbed;

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
import java.util.function.UnaryOperator;

/**
 * A steady stream of requests for one model, to all partitions in turn, that outlasts any outage of
 * the broker and sends each once.
 */
public final class RequestFeed implements AutoCloseable {
    private static final long TICK_MILLIS = 50;
    private static final int TICKS_PER_SECOND = 20;
    private static final long STOP_SECONDS = 120;

    private final KafkaProducer<byte[], byte[]> producer;
    private final String topic;
    private final int partitions;
    private final UnaryOperator<String> line;
    private final String stem;
    private final ScheduledExecutorService beat = Executors.newSingleThreadScheduledExecutor();

    /** Guarded by itself. */
    private final List<Future<?>> sent = new ArrayList<>();

    private RequestFeed(Fleet fleet, UnaryOperator<String> line, String stem) {
        this.producer =
                new KafkaProducer<>(
                        Map.of(
                                "bootstrap.servers",
                                fleet.bootstrapServers(),
                                "enable.idempotence",
                                "true",
                                "acks",
                                "all",
                                "max.block.ms",
                                "120000"),
                        new ByteArraySerializer(),
                        new ByteArraySerializer());
        this.topic = fleet.topic("requests");
        this.partitions = Integer.parseInt(fleet.property("gantry.topics.partitions"));
        this.line = line;
        this.stem = stem;
    }

    /** At least a tick's worth, 20 a second. */
    public static RequestFeed start(Fleet fleet, String model, int perSecond) {
        return start(fleet, id -> RequestLines.chat(id, model), model + "-", 0, perSecond);
    }

    /**
     * Some at once, so that there is work in hand from the beginning; then so many a second.
     *
     * @param line of a request by its id
     */
    public static RequestFeed start(
            Fleet fleet, UnaryOperator<String> line, String stem, int atOnce, int perSecond) {
        RequestFeed feed = new RequestFeed(fleet, line, stem);
        var _ = feed.beat.submit(() -> feed.send(atOnce));
        int perTick = Math.max(1, perSecond / TICKS_PER_SECOND);
        var _ =
                feed.beat.scheduleAtFixedRate(
                        () -> feed.send(perTick), 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
        return feed;
    }

    private void send(int count) {
        for (int each = 0; each < count; each++) {
            int number = count();
            byte[] value = line.apply(stem + number).getBytes(StandardCharsets.UTF_8);
            Future<?> sending =
                    producer.send(new ProducerRecord<>(topic, number % partitions, null, value));
            synchronized (sent) {
                sent.add(sending);
            }
        }
    }

    private int count() {
        synchronized (sent) {
            return sent.size();
        }
    }

    /** The names of those that were sent so far. */
    public List<String> sent() {
        return RequestLines.names(stem, count());
    }

    /** Returns the names of all that were sent, once the broker has them. */
    public List<String> stop() throws InterruptedException, ExecutionException {
        beat.shutdown();
        if (!beat.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("the feed does not end");
        }
        for (Future<?> each : sent) {
            each.get();
        }
        return sent();
    }

    @Override
    public void close() {
        beat.shutdownNow();
        producer.close(Duration.ZERO);
    }
}
