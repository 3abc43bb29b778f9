package dev.gantry.benchmark.compare;

import dev.gantry.testbed.Fleet;

import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends a party's requests, each with its number as key, to all partitions in turn. A number is
 * used once in a scenario.
 */
final class RequestSource implements AutoCloseable {
    private static final String FILLING = "lorem ipsum ";

    private final KafkaProducer<byte[], byte[]> producer;
    private final Scenario scenario;
    private final String topic;
    private final int partitions;
    private final String text;
    private int next;

    RequestSource(Scenario scenario, Fleet fleet, int partitions) {
        this.producer =
                new KafkaProducer<>(
                        Map.of(
                                "bootstrap.servers",
                                fleet.bootstrapServers(),
                                "max.request.size",
                                4 << 20),
                        new ByteArraySerializer(),
                        new ByteArraySerializer());
        this.scenario = scenario;
        this.topic = fleet.topic("requests");
        this.partitions = partitions;
        this.text = FILLING.repeat(scenario.load().bytes() / FILLING.length());
    }

    /** Requests that were sent, numbered on from the first one's number. */
    static final class Lot {
        private final int from;
        private final long[] dueMicros;

        private Lot(int from, int count) {
            this.from = from;
            this.dueMicros = new long[count];
        }

        int from() {
            return from;
        }

        int count() {
            return dueMicros.length;
        }

        /** When a request was to be sent, since 1970, by its place in the lot. */
        long dueMicros(int place) {
            return dueMicros[place];
        }
    }

    /** As fast as the broker takes them. */
    Lot burst(int count) {
        return paced(count, Double.POSITIVE_INFINITY);
    }

    /** Each at its time, however slowly the others are answered. */
    Lot paced(int count, double perSecond) {
        Lot lot = new Lot(next, count);
        double gapMicros = 1e6 / perSecond;
        long begun = System.currentTimeMillis() * 1_000;
        long start = System.nanoTime();
        for (int each = 0; each < count; each++) {
            long due = (long) (each * gapMicros);
            for (long left = due * 1_000 - (System.nanoTime() - start);
                    left > 0;
                    left = due * 1_000 - (System.nanoTime() - start)) {
                LockSupport.parkNanos(left);
            }
            lot.dueMicros[each] =
                    Double.isInfinite(perSecond) ? System.currentTimeMillis() * 1_000 : begun + due;
            send(next++);
        }
        producer.flush();
        return lot;
    }

    private void send(int number) {
        String key = "r" + number;
        String line =
                "{\"custom_id\":\"%s\",\"body\":{\"model\":\"%s\",\"max_tokens\":64,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}}"
                        .formatted(key, scenario.model(number), text);
        var _ =
                producer.send(
                        new ProducerRecord<>(
                                topic,
                                // All models in every partition.
                                number / scenario.load().models().size() % partitions,
                                key.getBytes(StandardCharsets.UTF_8),
                                line.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public void close() {
        producer.close();
    }
}
