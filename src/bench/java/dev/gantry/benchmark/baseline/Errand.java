package dev.gantry.benchmark.baseline;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/**
 * What every baseline does with a request: it calls one lane after the other until one answers, and
 * produces the answer and a meter record of 600 bytes.
 */
final class Errand {
    private static final byte[] METER = "m".repeat(600).getBytes(StandardCharsets.UTF_8);
    private static final String MODEL = "\"model\":\"";
    private static final String BODY = "\"body\":";

    private final Place place;
    private final HttpClient client;
    private final KafkaProducer<byte[], byte[]> producer;

    /** The two records under way to the broker. */
    record Sent(Future<?> result, Future<?> meter) {
        void await() throws InterruptedException {
            try {
                result.get();
                meter.get();
            } catch (ExecutionException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    Errand(Place place) {
        this.place = place;
        this.client =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(place.timeout())
                        .build();
        this.producer = place.producer();
    }

    /** Returns with the records on their way. */
    Sent run(ConsumerRecord<byte[], byte[]> record) throws InterruptedException {
        String line = new String(record.value(), StandardCharsets.UTF_8);
        byte[] answer = {};
        List<Place.Lane> lanes = lanes(line);
        for (int each = 0; each < lanes.size(); each++) {
            HttpRequest request = request(record.key(), line, lanes.get(each), each);
            try {
                HttpResponse<byte[]> response =
                        client.send(request, HttpResponse.BodyHandlers.ofByteArray());
                answer = response.body();
                if (response.statusCode() == 200) {
                    break;
                }
            } catch (IOException e) {
                answer = String.valueOf(e).getBytes(StandardCharsets.UTF_8);
            }
        }
        return send(record.key(), answer);
    }

    /** The same without a thread that waits; completed once the broker has both records. */
    CompletableFuture<Void> start(ConsumerRecord<byte[], byte[]> record) {
        String line = new String(record.value(), StandardCharsets.UTF_8);
        return answer(record.key(), line, lanes(line), 0)
                .thenCompose(
                        answer ->
                                CompletableFuture.allOf(
                                        sent(
                                                new ProducerRecord<>(
                                                        place.results(), record.key(), answer)),
                                        sent(
                                                new ProducerRecord<>(
                                                        place.metering(), record.key(), METER))));
    }

    /** What came of a call. */
    private record Called(@Nullable HttpResponse<byte[]> response, @Nullable Throwable trouble) {
        boolean good() {
            return response != null && response.statusCode() == 200;
        }

        byte[] body() {
            return response == null
                    ? String.valueOf(trouble).getBytes(StandardCharsets.UTF_8)
                    : response.body();
        }
    }

    private CompletableFuture<byte[]> answer(
            byte[] key, String line, List<Place.Lane> lanes, int next) {
        return client.sendAsync(
                        request(key, line, lanes.get(next), next),
                        HttpResponse.BodyHandlers.ofByteArray())
                .handle(Called::new)
                .thenCompose(
                        called ->
                                called.good() || next + 1 == lanes.size()
                                        ? CompletableFuture.completedFuture(called.body())
                                        : answer(key, line, lanes, next + 1));
    }

    private CompletableFuture<Void> sent(ProducerRecord<byte[], byte[]> record) {
        CompletableFuture<Void> sent = new CompletableFuture<>();
        var _ =
                producer.send(
                        record,
                        (_, trouble) -> {
                            if (trouble == null) {
                                sent.complete(null);
                            } else {
                                sent.completeExceptionally(trouble);
                            }
                        });
        return sent;
    }

    private Sent send(byte[] key, byte[] answer) {
        return new Sent(
                producer.send(new ProducerRecord<>(place.results(), key, answer)),
                producer.send(new ProducerRecord<>(place.metering(), key, METER)));
    }

    private List<Place.Lane> lanes(String line) {
        int from = line.indexOf(MODEL) + MODEL.length();
        String model = line.substring(from, line.indexOf('"', from));
        return place.lanes().stream().filter(each -> each.models().contains(model)).toList();
    }

    /** Each try has a name, by which the provider's ledger has it. */
    private HttpRequest request(byte[] key, String line, Place.Lane lane, int number) {
        String body = line.substring(line.indexOf(BODY) + BODY.length(), line.length() - 1);
        return HttpRequest.newBuilder(lane.url())
                .timeout(place.timeout())
                .header("Content-Type", "application/json")
                .header("Authorization", "Bearer " + lane.key())
                .header(
                        "X-Client-Request-Id",
                        new String(key, StandardCharsets.UTF_8) + "-" + number)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }
}
