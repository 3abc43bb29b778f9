package dev.gantry.outbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gantry.dialect.Chats;
import dev.gantry.inference.AttemptId;
import dev.gantry.inference.Chunk;
import dev.gantry.inference.InferenceRequest;

import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** Failures are injected by the Kafka client's own mock producer, or by there being none. */
class ChunkPublisherTest {
    private static final InferenceRequest REQUEST =
            Chats.request("{\"model\":\"small\",\"stream\":true,\"messages\":[]}");
    private static final Chunk CHUNK =
            new Chunk(
                    new AttemptId("abcdefghijklmnopqrstuvwxyz", 1),
                    0,
                    "{\"choices\":[]}".getBytes(UTF_8),
                    false);

    private final AtomicInteger asked = new AtomicInteger();
    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());

    @Test
    void howeverManyChunksAreLostAProducerIsAskedForNowAndThen() {
        try (ChunkPublisher chunks =
                new ChunkPublisher(this::absent, "chunks", Duration.ofHours(1))) {
            for (int each = 0; each < 500; each++) {
                assertThat(chunks.offer(REQUEST, CHUNK)).isFalse();
            }

            await().until(() -> asked.get() == 2);
            assertThat(chunks.offer(REQUEST, CHUNK)).isFalse();
            assertThat(chunks.dropped()).isEqualTo(501);
            assertThat(asked).hasValue(2);
        }
    }

    @Test
    void chunksFlowAgainOnceThereIsAProducer() {
        try (ChunkPublisher chunks =
                new ChunkPublisher(this::fourth, "chunks", Duration.ofMillis(1))) {
            await().until(() -> chunks.offer(REQUEST, CHUNK));

            assertThat(chunks.published()).isOne();
            assertThat(producer.history()).hasSize(1);
        }
    }

    private Producer<byte[], byte[]> absent() {
        asked.incrementAndGet();
        throw new KafkaException("no broker's name resolves");
    }

    private Producer<byte[], byte[]> fourth() {
        return asked.get() < 3 ? absent() : producer;
    }
}
