package dev.gantry.cli.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gantry.cli.StopSignal;
import dev.gantry.cli.UsageException;
import dev.gantry.testbed.Await;
import dev.gantry.testbed.Topic;

import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** What a topic holds, a line for each record, of the real broker. */
class ExportCommandTest {
    private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
    private static final BrokerAccess BROKER = CommandRun.brokerWithoutTopics();

    private static Topic topic;
    private static Map<String, String> topics;

    @BeforeAll
    static void fill() throws Exception {
        topic = Topic.create("exported", 3);
        topics = Map.of("metering", topic.name());
        try (Producer<byte[], byte[]> producer = BROKER.openProducer()) {
            send(producer, 0, "2026-11-18T10:00:00Z", "{\"n\": 1}");
            send(producer, 0, "2026-11-20T10:00:00Z", "{\"n\":\n2}");
            // Clocks of workers differ.
            send(producer, 0, "2026-11-19T10:00:00Z", "{\"n\": 3}");
            send(producer, 1, "2026-11-20T11:00:00Z", "{\"n\": 4, \"text\": \"\\u00e4 \\n ü\"}");
            send(producer, 1, "2026-11-20T11:30:00Z", null);
        }
        topic.sendInTransaction(List.of("{\"n\": 5}".getBytes(UTF_8)));
    }

    @AfterAll
    static void close() {
        topic.close();
    }

    private static void send(
            Producer<byte[], byte[]> producer,
            int partition,
            String written,
            @Nullable String value) {
        long timestamp = Instant.parse(written).toEpochMilli();
        byte[] bytes = value == null ? null : value.getBytes(UTF_8);
        var _ =
                producer.send(
                        new ProducerRecord<>(topic.name(), partition, timestamp, null, bytes));
    }

    @Test
    void everyValueIsOneLineAsItIs() {
        CommandRun run = export("metering");

        assertThat(run.code()).isZero();
        assertThat(run.out().lines())
                .containsExactlyInAnyOrder(
                        "{\"n\": 1}",
                        "{\"n\": 2}",
                        "{\"n\": 3}",
                        "{\"n\": 4, \"text\": \"\\u00e4 \\n ü\"}",
                        "{\"n\": 5}");
        assertThat(run.err()).isEqualTo("export: 5 records of %s%n".formatted(topic.name()));
        assertThat(export(topic.name()).out().lines()).hasSize(5);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    --from 2026-11-19 --to 2026-11-20T11:00:00+00:00 | 2 3
                    --from 26h --to 1h                               | 2 3
                    --from 2d --to 90m                               | 2 3
                    --to 2026-11-19T11:00:00+01:00                   | 1
                    --from 61m --to 0s                               | 4
                    --from 999999999d --to 2026-11-18                | ''
                    """)
    void onlyTheSpanIsPrinted(String options, String numbers) {
        CommandRun run = export(("metering " + options).split(" "));

        assertThat(run.code()).isZero();
        assertThat(run.out().lines().map(line -> line.replaceAll("\\D*(\\d).*", "$1")))
                .containsExactlyInAnyOrder(
                        Arrays.stream(numbers.split(" "))
                                .filter(each -> !each.isEmpty())
                                .toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    ''                                    | TOPIC is missing
                    metering audit                        | expected one TOPIC, got metering audit
                    metering --from yesterday             | --from yesterday is no time; allowed are
                    metering --to 5                       | --to 5 is no time; allowed are
                    metering --from 2026-13-01            | --from 2026-13-01 is no time; allowed are
                    metering --from 1h --to 2h            | --from 1h is not before --to 2h
                    metering --with-keys                  | unknown option --with-keys; allowed are --from, --to
                    """)
    void whatCannotBeObeyedIsUsage(String args, String message) {
        assertThatThrownBy(() -> export(args.isEmpty() ? new String[0] : args.split(" ")))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("export: " + message);
    }

    @Test
    void aTopicThatIsNotThereIsNamedWithThoseThatAre() {
        CommandRun run = export("meters");

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .contains("topic meters does not exist")
                .contains("metering (" + topic.name() + ")");
    }

    /** The client itself would ask for ten seconds, and asks more than once. */
    @Test
    void aBrokerThatDoesNotAnswerIsNamedWithinSeconds() throws Exception {
        // Again if the machine was too busy.
        Await.until("named within seconds", () -> untilNamed().toSeconds() < 9);
    }

    private static Duration untilNamed() {
        long begun = System.nanoTime();

        CommandRun run =
                CommandRun.export(
                        CommandRun.nowhere(), topics, new StopSignal(), () -> NOW, "metering");

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err().strip()).isEqualTo("export: no answer from 127.0.0.1:1");
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    @Test
    void itEndsWhenItIsAskedTo() {
        StopSignal stop = new StopSignal();
        stop.request();

        CommandRun run = CommandRun.export(BROKER, topics, stop, () -> NOW, "metering");

        assertThat(run.code()).isEqualTo(4);
        assertThat(run.err()).contains("interrupted after 0 records");
    }

    private static CommandRun export(String... args) {
        return CommandRun.export(BROKER, topics, new StopSignal(), () -> NOW, (Object[]) args);
    }
}
