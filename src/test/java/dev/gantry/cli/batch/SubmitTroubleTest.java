package dev.gantry.cli.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.cli.SampleResults;
import dev.gantry.cli.StopSignal;
import dev.gantry.cli.UsageException;
import dev.gantry.cli.operator.SpoolCommand;
import dev.gantry.cli.result.BatchId;

import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** What submit and collect say and do when it cannot be done. */
class SubmitTroubleTest extends BatchFixture {
    @Test
    void refusesDuplicatesBeforeSending() throws IOException, InterruptedException {
        Files.writeString(
                batch,
                """
                {"custom_id":"a","body":{}}
                {"custom_id":"b","body":{}}
                {"custom_id":"a","body":{}}
                {"custom_id":"b","body":{}}
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

        CommandRun run = CommandRun.collect(broker, "nobody", "--out", out);

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("no request and no result of batch nobody");
    }

    @Test
    void namesALineThatTheBrokerWillNotTake() throws IOException, InterruptedException {
        String text = "x".repeat(2_000_000);
        Files.writeString(
                batch,
                "{\"custom_id\":\"1\",\"body\":{}}\n{\"custom_id\":\"2\",\"body\":{\"x\":\""
                        + text
                        + "\"}}\n");

        CommandRun run;
        try (FakeWorker _ =
                FakeWorker.start(
                        broker, (id, each) -> List.of(SampleResults.succeeded(id, each)))) {
            run = CommandRun.submit(broker, batch, "--out", out, "--errors", errors);
        }

        assertThat(run.code()).isEqualTo(3);
        assertThat(run.err()).contains("batch.jsonl, line 2: custom_id \"2\" was not sent");
        assertThat(SampleResults.customIds(out)).containsExactly("1");
        assertThat(
                        JsonMapper.shared()
                                .readTree(Files.readString(errors))
                                .at("/error/code")
                                .asString())
                .isEqualTo("not_sent");
    }

    @Test
    void stopsWhileItWaitsForATopic() throws IOException {
        BrokerAccess bare = CommandRun.brokerWithoutTopics();
        Files.writeString(batch, "{\"custom_id\":\"1\",\"body\":{}}\n");
        var stop = new StopSignal();
        Thread.ofVirtual().start(stop::request);

        CommandRun run = CommandRun.submit(bare, stop, batch, "--out", out);

        assertThat(run.code()).isEqualTo(4);
        assertThat(run.err()).contains("nothing was sent");
    }

    @Test
    void refusesFilesThatItCannotWriteBeforeSending() throws IOException, InterruptedException {
        Files.writeString(batch, "{\"custom_id\":\"1\",\"body\":{}}\n");

        CommandRun run = CommandRun.submit(broker, batch, "--out", folder.resolve("no/such/dir"));

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("no such file or directory").contains("nothing was sent");
        assertThat(sent(broker)).isZero();
    }

    @Test
    void aWrongIdOrAnAbsentBrokerCostsNoFile() throws IOException, InterruptedException {
        Files.writeString(out, "results of yesterday\n");
        Files.writeString(errors, "errors of yesterday\n");
        BrokerAccess nowhere = CommandRun.nowhere();
        var stop = new StopSignal();
        Thread.ofVirtual().start(stop::request);

        CommandRun absent =
                CommandRun.collect(nowhere, stop, "b", "--out", out, "--errors", errors);
        CommandRun wrong = CommandRun.collect(broker, "no", "--out", out, "--errors", errors);

        assertThat(absent.code()).as(absent.err()).isEqualTo(4);
        assertThat(wrong.code()).as(wrong.err()).isEqualTo(2);
        assertThat(out).hasContent("results of yesterday\n");
        assertThat(errors).hasContent("errors of yesterday\n");
        assertThat(folder.toFile().list()).containsExactlyInAnyOrder("out.jsonl", "err.jsonl");
    }

    @Test
    void aFullDiskIsATroubleWithAWayOn() throws IOException, InterruptedException {
        Files.writeString(batch, "{\"custom_id\":\"1\",\"body\":{}}\n");

        CommandRun run;
        CommandRun collected;
        try (FakeWorker _ =
                FakeWorker.start(
                        broker, (id, each) -> List.of(SampleResults.succeeded(id, each)))) {
            run = CommandRun.submit(broker, batch, "--batch-id", "b", "--out", "/dev/full");
            collected = CommandRun.collect(broker, "b", "--out", "/dev/full");
        }

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("No space left on device", "collect b");
        assertThat(collected.code()).isEqualTo(1);
        assertThat(collected.err()).contains("cannot write results: No space left on device");
    }

    @Test
    void aSettingThatNoClientTakesIsASentence() throws IOException, InterruptedException {
        Map<String, Object> wrong = new HashMap<>(broker.producer());
        wrong.put("compression.type", "nonsense");
        Files.writeString(batch, "{\"custom_id\":\"1\",\"body\":{}}\n");

        CommandRun run =
                CommandRun.submit(
                        new BrokerAccess(
                                wrong,
                                broker.consumer(),
                                broker.admin(),
                                broker.requests(),
                                broker.requestTopics(),
                                broker.results(),
                                broker.metering(),
                                broker.routing(),
                                broker.workerGroup()),
                        batch,
                        "--out",
                        out);

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("nonsense", "nothing was sent");
    }

    @Test
    void namesNoFilesThatThisMachineCannotName() {
        for (String option : List.of("--out", "--errors")) {
            assertThatThrownBy(() -> SubmitCommand.parse(List.of("b.jsonl", option, "a\u0000b")))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining(option + ": the name \"a\\u0000b\" cannot be used");
        }
        assertThatThrownBy(() -> SubmitCommand.parse(List.of("a\u0000b")))
                .isInstanceOf(UsageException.class);
        assertThatThrownBy(
                        () ->
                                CollectCommand.parse(
                                        List.of("b", "--out", "x", "--receipt", "\u0000")))
                .isInstanceOf(UsageException.class);
        assertThatThrownBy(() -> SpoolCommand.parse(List.of("show", "1", "--out", "\u0000")))
                .isInstanceOf(UsageException.class);
    }

    @Test
    void errorsStandBesideTheOutput() {
        Path beside = folder.resolve("sub/x.jsonl");

        assertThat(errorsOf("b.jsonl")).isEqualTo("b.jsonl.err.jsonl");
        assertThat(errorsOf("b.jsonl", "--out", beside.toString()))
                .isEqualTo(beside + ".err.jsonl");
        assertThat(errorsOf("b.jsonl", "--out", "/dev/null")).isEqualTo("b.jsonl.err.jsonl");
        assertThat(errorsOf("-")).isEqualTo("stdin.err.jsonl");
        assertThat(errorsOf("/dev/stdin")).isEqualTo("stdin.err.jsonl");
    }

    private static String errorsOf(String... args) {
        return SubmitCommand.parse(List.of(args)).options().paths().errors().toString();
    }

    @Test
    void saysThatTheFileChangedWhileItWasSent() throws IOException, InterruptedException {
        Files.writeString(
                batch, "{\"custom_id\":\"1\",\"body\":{}}\n{\"custom_id\":\"2\",\"body\":{}}\n");
        BatchFile file = BatchFile.of(batch);
        FileCheck.Report check = new FileCheck(file, new BatchId("b"), new StopSignal()).run();
        Files.writeString(
                batch, "{\"custom_id\":\"1\",\"body\":{}}\n{\"custom_id\":\"1\",\"body\":{}}\n");
        var load =
                new Sender.Load(
                        file,
                        check.extent(),
                        new BatchId("b"),
                        SendMark.make(2, new Random()),
                        broker.requests(),
                        check.expectedIds());

        Sender sender = Sender.start(load, broker.openProducer());
        var unasked = new StopSignal();
        while (!sender.finished()) {
            unasked.pause(Duration.ofMillis(10));
        }

        assertThat(sender.trouble()).contains("batch.jsonl changed while it was sent");
        assertThat(sender.acknowledged()).isEqualTo(1);
        assertThat(sender.receipt().complete()).isFalse();
    }

    @Test
    void seesThatNobodyAnswers() {
        BrokerAccess nowhere = CommandRun.nowhere();
        var unasked = new StopSignal();

        BrokerSight view;
        try (BrokerWatch watch = BrokerWatch.start(nowhere)) {
            do {
                unasked.pause(Duration.ofMillis(20));
                view = watch.view();
            } while (view instanceof BrokerSight.Unseen);
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
