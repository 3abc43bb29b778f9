package dev.gantry.benchmark;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;

/**
 * What one would write by hand in an afternoon, and the baseline of the overhead figure: poll, call
 * on virtual threads, produce the answer and a 600-byte meter event, commit. It loses requests when
 * it dies; that is not what is measured.
 */
public final class BareLoop {
    private static final byte[] METER = "m".repeat(600).getBytes(StandardCharsets.UTF_8);

    private BareLoop() {}

    /**
     * Arguments: bootstrap servers, requests topic, results topic, metering topic, base url, in
     * flight.
     */
    public static void main(String[] args) throws InterruptedException {
        URI url = URI.create(args[4] + "/chat/completions");
        Semaphore slots = new Semaphore(Integer.parseInt(args[5]));
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        try (KafkaConsumer<byte[], byte[]> consumer = consumer(args[0]);
                KafkaProducer<byte[], byte[]> producer = producer(args[0])) {
            consumer.subscribe(List.of(args[1]));
            while (true) {
                ConsumerRecords<byte[], byte[]> records = consumer.poll(Duration.ofMillis(100));
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    slots.acquire();
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        byte[] answer = call(client, url, record.value());
                                        var _ =
                                                producer.send(
                                                        new ProducerRecord<>(
                                                                args[2], record.key(), answer));
                                        var _ =
                                                producer.send(
                                                        new ProducerRecord<>(
                                                                args[3], record.key(), METER));
                                        slots.release();
                                    });
                }
                consumer.commitAsync();
            }
        }
    }

    private static byte[] call(HttpClient client, URI url, byte[] line) {
        String text = new String(line, StandardCharsets.UTF_8);
        String body = text.substring(text.indexOf("\"body\":") + 7, text.length() - 1);
        HttpRequest request =
                HttpRequest.newBuilder(url)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build();
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofByteArray()).body();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static KafkaConsumer<byte[], byte[]> consumer(String bootstrapServers) {
        return new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrapServers,
                        "group.id",
                        "bare-loop",
                        "auto.offset.reset",
                        "earliest",
                        "enable.auto.commit",
                        "false"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    private static KafkaProducer<byte[], byte[]> producer(String bootstrapServers) {
        return new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrapServers,
                        "acks",
                        "all",
                        "compression.type",
                        "zstd"),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }
}
