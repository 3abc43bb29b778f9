package dev.gantry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What submit and collect say and do when it cannot be done. */
@Timeout(120)
class SubmitTroubleTest {
    @TempDir Path folder;
    private Path batch;
    private Path out;
    private Path errors;

    @BeforeEach
    void nameFiles() {
        batch = folder.resolve("batch.jsonl");
        out = folder.resolve("out.jsonl");
        errors = folder.resolve("err.jsonl");
    }

    @Test
    void refusesDuplicatesBeforeSending() throws IOException, InterruptedException {
        BrokerAccess broker = CommandRun.broker();
        Files.writeString(
                batch,
                """
                {"custom_id":"a"}
                {"custom_id":"b"}
                {"custom_id":"a"}
                {"custom_id":"b"}
                """);

        CommandRun run = CommandRun.submit(broker, batch);

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err())
                .contains("batch.jsonl, line 3: custom_id \"a\" is already on line 1")
                .contains("batch.jsonl, line 4: custom_id \"b\" is already on line 2")
                .contains("2 lines cannot be sent; nothing was sent");
        assertThat(sent(broker)).isZero();
    }

    @Test
    void saysThatABatchIsUnknown() throws InterruptedException {
        BrokerAccess broker = CommandRun.broker();

        CommandRun run = CommandRun.collect(broker, "nobody", "--out", out);

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("no request and no result of batch nobody");
    }

    @Test
    void namesALineThatTheBrokerWillNotTake() throws IOException, InterruptedException {
        BrokerAccess broker = CommandRun.broker();
        String text = "x".repeat(2_000_000);
        Files.writeString(
                batch, "{\"custom_id\":\"1\"}\n{\"custom_id\":\"2\",\"body\":\"" + text + "\"}\n");

        CommandRun run;
        try (FakeWorker _ =
                FakeWorker.start(broker, (id, each) -> List.of(Results.succeeded(id, each)))) {
            run = CommandRun.submit(broker, batch, "--out", out, "--errors", errors);
        }

        assertThat(run.code()).isEqualTo(3);
        assertThat(run.err()).contains("batch.jsonl, line 2: custom_id \"2\" was not sent");
        assertThat(Results.customIds(out)).containsExactly("1");
        assertThat(
                        JsonMapper.shared()
                                .readTree(Files.readString(errors))
                                .at("/error/code")
                                .asString())
                .isEqualTo("not_sent");
    }

    @Test
    void stopsWhileItWaitsForATopic() throws IOException {
        BrokerAccess broker = CommandRun.brokerWithoutTopics();
        Files.writeString(batch, "{\"custom_id\":\"1\"}\n");
        var stop = new StopSignal();
        Thread.ofVirtual().start(stop::request);

        CommandRun run = CommandRun.submit(broker, stop, batch, "--out", out);

        assertThat(run.code()).isEqualTo(4);
        assertThat(run.err()).contains("nothing was sent");
    }

    @Test
    void refusesFilesThatItCannotWriteBeforeSending() throws IOException, InterruptedException {
        BrokerAccess broker = CommandRun.broker();
        Files.writeString(batch, "{\"custom_id\":\"1\"}\n");

        CommandRun run = CommandRun.submit(broker, batch, "--out", folder.resolve("no/such/dir"));

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("no such file or directory").contains("nothing was sent");
        assertThat(sent(broker)).isZero();
    }

    @Test
    void seesThatNobodyAnswers() {
        Map<String, Object> client = Map.of("bootstrap.servers", "127.0.0.1:1");
        var nowhere = new BrokerAccess(client, client, client, "requests", "results", "group");
        var unasked = new StopSignal();

        BrokerView view;
        try (BrokerWatch watch = BrokerWatch.start(nowhere)) {
            do {
                unasked.pause(Duration.ofMillis(20));
                view = watch.view();
            } while (view instanceof BrokerView.Unseen);
        }

        assertThat(view.reason(0)).isEqualTo("broker not reachable: no answer from 127.0.0.1:1");
    }

    private static long sent(BrokerAccess broker) {
        try (var consumer = broker.openConsumer()) {
            return consumer
                    .endOffsets(
                            consumer.partitionsFor(broker.requests()).stream()
                                    .map(each -> new TopicPartition(each.topic(), each.partition()))
                                    .toList())
                    .values()
                    .stream()
                    .mapToLong(Long::longValue)
                    .sum();
        }
    }
}
