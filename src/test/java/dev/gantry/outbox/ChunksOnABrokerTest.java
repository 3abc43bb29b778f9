package dev.gantry.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gantry.inference.AttemptId;
import dev.gantry.inference.Chunk;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.routing.RequestBuilder;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.Ports;
import dev.gantry.testbed.SharedBroker;
import dev.gantry.testbed.Topic;

import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

import java.util.Map;

class ChunksOnABrokerTest {
    private static final InferenceRequest REQUEST = RequestBuilder.request().build();
    private static final AttemptId ATTEMPT = new AttemptId("abcdefghijklmnopqrstuvwxyz", 1);

    @Test
    void chunksThatTheBrokerTakesAreCounted() throws Exception {
        try (Topic topic = Topic.create("chunks", 2);
                ChunkPublisher chunks = publisher(SharedBroker.bootstrapServers(), topic.name())) {
            chunks.open();
            Await.until("the topic is known", () -> chunks.offer(REQUEST, chunk(0)));
            long before = chunks.dropped();

            for (int each = 1; each < 100; each++) {
                assertThat(chunks.offer(REQUEST, chunk(each))).isTrue();
            }

            Await.until("all are taken", () -> chunks.published() == 100);
            assertThat(chunks.dropped()).isEqualTo(before);
        }
    }

    /** No call notices: each is lost at once, and counted. */
    @Test
    void chunksAreLostWhileThereIsNoBroker() throws Exception {
        try (ChunkPublisher chunks = publisher("127.0.0.1:" + Ports.free(), "nowhere")) {
            for (int each = 0; each < 100; each++) {
                assertThat(chunks.offer(REQUEST, chunk(each))).isFalse();
            }

            assertThat(chunks.dropped()).isEqualTo(100);
            assertThat(chunks.published()).isZero();
        }
    }

    private static Chunk chunk(int sequence) {
        return new Chunk(ATTEMPT, sequence, "{}".getBytes(UTF_8), sequence == 99);
    }

    private static ChunkPublisher publisher(String servers, String topic) {
        Map<String, Object> properties =
                ChunkPublisher.producerProperties(
                        Map.of("bootstrap.servers", servers, "request.timeout.ms", 60_000));
        return new ChunkPublisher(
                () ->
                        new KafkaProducer<>(
                                properties, new ByteArraySerializer(), new ByteArraySerializer()),
                topic);
    }
}
