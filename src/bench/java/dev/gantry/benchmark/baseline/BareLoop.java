package dev.gantry.benchmark.baseline;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;

/**
 * What one would write by hand in an afternoon: poll, call on virtual threads, commit what was
 * polled. It loses requests when it dies.
 */
public final class BareLoop {
    private BareLoop() {}

    /** Arguments: {@link Place#arguments}. */
    public static void main(String[] args) throws InterruptedException {
        Place place = Place.of(args);
        Errand errand = new Errand(place);
        Semaphore slots = new Semaphore(place.inFlight());
        try (KafkaConsumer<byte[], byte[]> consumer = place.consumer()) {
            consumer.subscribe(List.of(place.requests()), new Place.Announcing());
            while (true) {
                ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(100));
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    slots.acquire();
                    Thread.ofVirtual().start(() -> run(errand, record, slots));
                }
                consumer.commitAsync();
            }
        }
    }

    private static void run(Errand errand, ConsumerRecord<byte[], byte[]> record, Semaphore slots) {
        try {
            errand.run(record);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            slots.release();
        }
    }
}
