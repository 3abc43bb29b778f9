package dev.gantry.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.testbed.Await;
import dev.gantry.testbed.DurableBroker;
import dev.gantry.testbed.Fleet;
import dev.gantry.testbed.LogDamage;
import dev.gantry.testbed.TopicReader;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What cannot be read, or only at the price of the heap, stops nothing but itself. */
class DamagedLogTest {
    private static final Duration CALL = Duration.ofMillis(20);
    private static final int LOT = 20;
    private static final int HUGE = 120_000_000;

    private static DurableBroker broker;

    @BeforeAll
    static void start() throws Exception {
        broker = DurableBroker.start();
    }

    @AfterAll
    static void stop() throws IOException {
        broker.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"consumer", "classic"})
    void damagedBatchesStopNobodyButTheirOwnRequests(String protocol) throws Exception {
        Fleet fleet = Scene.fleet(broker).with("gantry.worker.group-protocol", protocol);
        try (Scene scene = Scene.start(fleet, "damaged-" + protocol, CALL)) {
            scene.awaitPolling();
            assertThat(scene.worker().stop()).isZero();
            for (int lot = 0; lot < 6; lot++) {
                scene.send(0, "damaged" + lot + "-", LOT);
            }
            scene.send(1, "healthy-", 6 * LOT);
            // At the start, two in a row, and none behind them.
            List<Long> spoiled = spoil(fleet, List.of(0, 2, 3));
            scene.forget(spoiled.stream().map(DamagedLogTest::name).toList());
            scene.restart("damaged-again-" + protocol);

            Run run = scene.settled();
            Await.until(
                    "counted",
                    () ->
                            scene.metrics()
                                    .contains(
                                            "gantry_requests_skipped_total{reason=\"damaged\"} "
                                                    + spoiled.size()));

            assertThat(run.calls()).hasSize(12 * LOT - spoiled.size());
            assertThat(scene.work().at("/degraded").toString()).contains("cannot be read");
            List<ConsumerRecord<byte[], byte[]>> letters = deadLetters(fleet, 2);
            assertThat(letters)
                    .allSatisfy(
                            each -> {
                                assertThat(each.value()).isNull();
                                assertThat(header(each, "gantry-source-partition")).isEqualTo("0");
                                assertThat(header(each, "gantry-error-message"))
                                        .contains("cannot be read");
                            });
            assertThat(header(letters.getFirst(), "gantry-source-offset")).isEqualTo("0");
        }
    }

    @Test
    void recordsThatInflateBeyondTheHeapAreAnsweredAndTheirNeighboursToo() throws Exception {
        Fleet fleet = Scene.fleet(broker);
        try (Scene scene =
                Scene.start(fleet, "huge", CALL, "-Xmx256m", "-XX:+ExitOnOutOfMemoryError")) {
            scene.awaitPolling();
            scene.send(0, "before-", LOT);
            for (String codec : List.of("gzip", "snappy", "lz4", "zstd")) {
                sendHuge(fleet, "huge-" + codec, codec);
                scene.send(0, "between-" + codec + "-", LOT);
                scene.send(1, "beside-" + codec + "-", LOT);
                scene.expect(List.of("huge-" + codec));
            }

            Run run = scene.settled();

            assertThat(run.calls()).hasSize(9 * LOT);
            assertThat(run.results())
                    .filteredOn(each -> each.at("/custom_id").startsWith("huge-"))
                    .hasSize(4)
                    .allSatisfy(
                            each ->
                                    assertThat(each.at("/error/code"))
                                            .isEqualTo("invalid_request"));
            assertThat(scene.metrics())
                    .contains("gantry_requests_skipped_total{reason=\"too_large\"} 4");
            assertThat(deadLetters(fleet, 4)).allSatisfy(each -> assertThat(each.value()).isNull());
            assertThat(scene.worker().stop()).isZero();
        }
    }

    /** The names of the requests that nobody can read any more. */
    private static List<Long> spoil(Fleet fleet, List<Integer> batches) throws Exception {
        broker.stop();
        LogDamage log = new LogDamage(broker.segments(fleet.topic("requests"), 0));
        List<Long> offsets = new ArrayList<>();
        for (int each : batches) {
            LogDamage.Batch batch = log.batches().get(each);
            log.flip(batch, batch.size() - 10);
            for (long offset = batch.first(); offset <= batch.last(); offset++) {
                offsets.add(offset);
            }
        }
        broker.startAgain();
        broker.awaitAnswer();
        return offsets;
    }

    private static String name(long offset) {
        return "damaged" + offset / LOT + "-" + offset % LOT;
    }

    private static void sendHuge(Fleet fleet, String name, String codec) throws Exception {
        byte[] value = new byte[HUGE];
        byte[] head = Scene.request(name).getBytes(StandardCharsets.UTF_8);
        System.arraycopy(head, 0, value, 0, head.length - 1);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        Map.of(
                                "bootstrap.servers",
                                broker.bootstrapServers(),
                                "compression.type",
                                codec,
                                "max.request.size",
                                2 * HUGE,
                                "buffer.memory",
                                3L * HUGE),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(fleet.topic("requests"), 0, null, value)).get();
        }
    }

    private static List<ConsumerRecord<byte[], byte[]>> deadLetters(Fleet fleet, int count) {
        try (TopicReader reader = fleet.read("dead-letters")) {
            return reader.until(count + " dead letters", seen -> seen.size() >= count);
        }
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }
}
