package dev.gantry.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gantry.audit.AuditSettings;
import dev.gantry.event.Decisions;
import dev.gantry.event.EventSettings;
import dev.gantry.event.Origin;
import dev.gantry.event.TopicSettings;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptId;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Outcome;
import dev.gantry.metering.MeterReading;
import dev.gantry.metering.MeteringSamples;
import dev.gantry.outbox.OversizeAnswers;
import dev.gantry.outbox.PendingAcks;
import dev.gantry.outbox.Publisher;
import dev.gantry.secret.Secret;
import dev.gantry.testbed.SharedBroker;
import dev.gantry.testbed.Topic;

import io.cloudevents.CloudEvent;
import io.cloudevents.kafka.KafkaMessageFactory;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/** The whole way: through a real producer and broker, read back as any CloudEvents reader would. */
class DeliveryOnABrokerTest {
    private static final int LARGE = 2 << 20;

    private final TopicSettings topics = TopicsTest.settings(SharedBroker.unique("whole"), true);
    private final AtomicInteger completions = new AtomicInteger();
    private final InferenceRequest request = MeteringSamples.request();
    private final Attempt failed =
            MeteringSamples.failed(
                    1,
                    MeteringSamples.OTHER_LANE,
                    MeteringSamples.answer(429, "{}", null),
                    ErrorKind.RATE_LIMIT);
    private final Attempt answered =
            MeteringSamples.succeeded(
                    2, MeteringSamples.LANE, MeteringSamples.usage(100L, null, null, 10L));

    @Test
    void recordsArriveAsCloudEventsAndThenTheReceiptCompletes() {
        try (Admin admin = TopicsTest.admin();
                Publisher publisher = publisher(LARGE)) {
            TopicsTest.ready(admin, topics, LARGE);

            run(publisher, new Outcome.Succeeded(answered), failed, answered);

            await().untilAsserted(() -> assertThat(completions).hasValue(1));
            List<ConsumerRecord<byte[], byte[]>> records = read(8);
            assertThat(records)
                    .allSatisfy(
                            record -> assertThat(record.key()).isEqualTo(bytes("nightly/job-17")));
            assertThat(records)
                    .extracting(ConsumerRecord::partition)
                    .containsOnly(partition(records));
            assertThat(events(records))
                    .allSatisfy(DeliveryOnABrokerTest::carriesTheCommonAttributes)
                    .extracting(CloudEvent::getType, CloudEvent::getId)
                    .doesNotHaveDuplicates();
            assertThat(publisher.status()).isEqualTo(new Publisher.Status(true, 0, 0, 0, null));
        }
    }

    @Test
    void aResultThatOnlyTheBrokerFindsTooLargeIsReplaced()
            throws ExecutionException, InterruptedException {
        try (Admin admin = TopicsTest.admin();
                Publisher publisher = publisher(LARGE)) {
            NewTopic tight =
                    new NewTopic(topics.results(), 1, (short) 1)
                            .configs(Map.of("max.message.bytes", "1500"));
            Topic.make(admin, List.of(tight));
            TopicsTest.ready(admin, topics, LARGE);

            run(publisher, new Outcome.Failed(FailureCode.INTERNAL_ERROR, noise(6000)), answered);

            await().untilAsserted(() -> assertThat(completions).hasValue(1));
            JsonNode result = json(read(topics.results()).getFirst());
            assertThat(result.at("/error/code").asString()).isEqualTo("result_too_large");
            assertThat(result.at("/error/message").asString())
                    .endsWith("gantry spool show " + result.at("/id").asString());
            assertThat(result.at("/gantry/cost_usd").asString()).isEqualTo("0.00045");
        }
    }

    @Test
    void whatFindsNoBrokerWaitsAndHoldsItsReceipt() {
        Map<String, Object> settings = new HashMap<>(Publisher.producerDefaults(LARGE));
        settings.put("bootstrap.servers", "localhost:1");
        settings.put("max.block.ms", 20);
        try (Publisher publisher = new Publisher(() -> producer(settings))) {
            Instant start = Instant.now();
            run(publisher, new Outcome.Succeeded(answered), failed, answered);

            // One wait per topic at most; the rest queue up at once.
            assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(30));
            assertThat(completions).hasValue(0);
            assertThat(publisher.status().healthy()).isFalse();
            assertThat(publisher.status().records()).isEqualTo(8);
            assertThat(publisher.status().lastError()).contains("TimeoutException");
        }
    }

    private static void carriesTheCommonAttributes(CloudEvent event) {
        assertThat(event.getSpecVersion().toString()).isEqualTo("1.0");
        assertThat(event.getSource()).hasToString("/gantry/default");
        assertThat(event.getSubject()).isEqualTo("acme");
        assertThat(event.getDataContentType()).isEqualTo("application/json");
        assertThat(event.getTime()).isNotNull();
        assertThat(event.getExtension("partitionkey")).isEqualTo("nightly/job-17");
        assertThat(event.getExtension("correlationid")).isEqualTo("nightly/job-17");
        assertThat(event.getExtension("recordedtime")).isEqualTo("2026-11-20T10:00:01.000Z");
        assertThat(event.getExtension("traceparent"))
                .isEqualTo(MeteringSamples.request().trace().traceparent());
        JsonNode data =
                JsonMapper.shared().readTree(Objects.requireNonNull(event.getData()).toBytes());
        assertThat(data.isObject()).isTrue();
    }

    private final OversizeAnswers keeper = new OversizeAnswers((_, _, _) -> true);

    private void run(Publisher publisher, Outcome outcome, Attempt... attempts) {
        Delivery delivery =
                new Delivery(
                        publisher,
                        keeper,
                        new EventSettings(
                                new Origin("default", "w-1", "0.1.0"),
                                topics,
                                new AuditSettings(AuditSettings.Content.HASH, new Secret("key")),
                                Decisions.ESCALATED,
                                LARGE),
                        () -> MeteringSamples.SUBMITTED.plusSeconds(1));
        PendingAcks acks = delivery.open(request, completions::incrementAndGet);
        Map<AttemptId, MeterReading> readings = new HashMap<>();
        for (Attempt attempt : attempts) {
            readings.put(
                    attempt.id(),
                    delivery.attemptEnded(
                            request, attempt, Outbox.fate(attempt), MeteringSamples.PRICES, acks));
        }
        delivery.conclude(
                new Conclusion(request, outcome, List.of(attempts)),
                readings,
                Outbox.summary(Outbox.ROUTE),
                MeteringSamples.PRICES,
                acks);
    }

    private static Publisher publisher(int maxRequestSize) {
        Map<String, Object> settings = new HashMap<>(Publisher.producerDefaults(maxRequestSize));
        settings.put("bootstrap.servers", SharedBroker.bootstrapServers());
        return new Publisher(() -> producer(settings));
    }

    private static KafkaProducer<byte[], byte[]> producer(Map<String, Object> settings) {
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    private List<ConsumerRecord<byte[], byte[]>> read(int count) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (String topic :
                List.of(topics.results(), topics.metering(), topics.audit(), topics.routing())) {
            records.addAll(read(topic));
        }
        assertThat(records).hasSize(count);
        return records;
    }

    /** All that the topic holds. */
    private static List<ConsumerRecord<byte[], byte[]>> read(String topic) {
        Map<String, Object> settings = Map.of("bootstrap.servers", SharedBroker.bootstrapServers());
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            var partitions =
                    consumer.partitionsFor(topic).stream()
                            .map(each -> new TopicPartition(topic, each.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long end = consumer.endOffsets(partitions).values().stream().mapToLong(n -> n).sum();
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            while (records.size() < end) {
                consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            }
            return records;
        }
    }

    private static List<CloudEvent> events(List<ConsumerRecord<byte[], byte[]>> records) {
        return records.stream()
                .map(
                        record ->
                                KafkaMessageFactory.createReader(record.headers(), record.value())
                                        .toEvent())
                .toList();
    }

    private static int partition(List<ConsumerRecord<byte[], byte[]>> records) {
        return records.getFirst().partition();
    }

    private static JsonNode json(ConsumerRecord<byte[], byte[]> record) {
        return JsonMapper.shared().readTree(record.value());
    }

    /** Text that compression does not make small. */
    private static String noise(int length) {
        return new Random(7)
                .ints(length, 'a', 'z' + 1)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
