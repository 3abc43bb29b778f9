package dev.gantry.cli.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.cli.SampleResults;
import dev.gantry.cli.StopSignal;
import dev.gantry.testbed.Topic;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

class SubmitAndCollectTest extends BatchFixture {
    private static final JsonMapper JSON = JsonMapper.shared();

    @Test
    void sendsLinesAsTheyAreUnderTheBatchHeader() throws IOException, InterruptedException {
        String odd = "{ \"custom_id\":\"ä 1\" ,\t\"body\":{\"m\":1.50e3}, \"x\":\"\\u00e4\"}";
        String plain = "{\"custom_id\":\"2\",\"gantry\":{\"batch_id\":\"b-1\"},\"body\":{}}";
        Files.writeString(batch, "\n" + odd + "\r\n   \n" + plain);

        CommandRun run;
        List<ConsumerRecord<byte[], byte[]>> seen;
        try (FakeWorker worker =
                FakeWorker.start(
                        broker, (id, each) -> List.of(SampleResults.succeeded(id, each)))) {
            run = CommandRun.submit(broker, batch, "--batch-id", "b-1", "--out", out);
            seen = worker.seen();
        }

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(seen)
                .extracting(record -> new String(record.value(), StandardCharsets.UTF_8))
                .containsExactlyInAnyOrder(odd, plain);
        assertThat(seen)
                .extracting(record -> new String(record.key(), StandardCharsets.UTF_8))
                .containsExactlyInAnyOrder("b-1/ä 1", "b-1/2");
        assertThat(seen)
                .allSatisfy(
                        record ->
                                assertThat(record.headers().lastHeader("gantry-batch-id").value())
                                        .asString()
                                        .isEqualTo("b-1"));
        assertThat(folder.resolve("batch.jsonl.err.jsonl")).doesNotExist();
        assertThat(folder.resolve("out.jsonl.err.jsonl")).doesNotExist();
    }

    @Test
    void sortsResultsIntoFilesAndAddsThemUp() throws IOException, InterruptedException {
        writeBatch(100);

        CommandRun run;
        try (FakeWorker _ = FakeWorker.start(broker, SampleResults::mixed)) {
            run = CommandRun.submit(broker, batch, "--out", out, "--errors", errors, "--json");
        }

        assertThat(run.code()).as(run.err()).isEqualTo(3);
        assertThat(SampleResults.customIds(out)).hasSize(80).doesNotContain("r-0", "r-5");
        assertThat(SampleResults.customIds(errors)).hasSize(20).contains("r-0", "r-5");
        JsonNode summary = JSON.readTree(run.out());
        String id = summary.at("/batch_id").asString();
        assertThat(Files.readAllLines(out)).contains(SampleResults.succeeded(id, "r-1"));
        assertThat(run.err()).contains(id);
        assertThat(summary.at("/complete").asBoolean()).isTrue();
        assertThat(summary.at("/requests").asInt()).isEqualTo(100);
        assertThat(summary.at("/outcomes").toString())
                .isEqualTo("{\"failed\":10,\"refused\":10,\"succeeded\":80}");
        assertThat(summary.at("/failures").toString())
                .isEqualTo("{\"escalation_exhausted\":10,\"status 400\":10}");
        assertThat(summary.at("/attempts").toString())
                .isEqualTo(
                        """
                        [{"lane":"fleet:b:main:inference:m","status":"succeeded","count":80},\
                        {"lane":"fleet:b:main:inference:m","status":"failed","kind":"timeout","count":10},\
                        {"lane":"frontier:a:main:inference:m","status":"failed","kind":"bad_request","count":10},\
                        {"lane":"frontier:a:main:inference:m","status":"failed","kind":"rate_limit","count":160}]\
                        """);
        assertThat(summary.at("/tokens").toString())
                .isEqualTo(
                        "{\"prompt\":8000,\"completion\":1600,\"cached\":800,\"reasoning\":400}");
        assertThat(summary.at("/cost_usd").asString()).isEqualTo("0.010000");
        assertThat(summary.at("/cost_unknown").asInt()).isEqualTo(10);
        assertThat(summary.at("/took_ms").toString()).isEqualTo("{\"p50\":200,\"p95\":3000}");
        assertThat(summary.at("/queued_ms").toString()).isEqualTo("{\"p50\":40,\"p95\":40}");
    }

    @Test
    void tellsAPersonWhatCameOfIt() throws IOException, InterruptedException {
        writeBatch(100);

        CommandRun run;
        try (FakeWorker _ = FakeWorker.start(broker, SampleResults::mixed)) {
            run = CommandRun.submit(broker, batch, "--out", out, "--errors", errors);
        }

        assertThat(run.out())
                .contains("100 requests in ")
                .containsPattern("succeeded +80 +80\\.0 %")
                .contains("by code: escalation_exhausted 10, status 400 10")
                .containsPattern("frontier:a:main:inference:m +rate_limit 160, bad_request 10")
                .contains("8,000 in (800 cached), 1,600 out (400 reasoning)")
                .contains("$0.0100 for the answers gathered", "no price or in doubt: 10")
                .contains("took p50 200 ms, p95 3.0 s")
                .contains(out + "  (status 200)");
    }

    @Test
    void countsTheCallsOfAWorkerThatDied() throws Exception {
        Files.writeString(batch, "{\"custom_id\":\"1\",\"body\":{}}\n");
        try (Admin admin = broker.openAdmin()) {
            Topic.make(
                    admin,
                    List.of(new NewTopic(broker.metering(), Optional.of(2), Optional.empty())));
        }

        CommandRun submitted;
        try (Producer<byte[], byte[]> meter = broker.openProducer();
                FakeWorker _ =
                        FakeWorker.start(
                                broker,
                                (id, each) -> {
                                    meter(meter, id, "dead", "{'upper_bound': '0.25'}");
                                    meter(meter, id, "lost", "{'amount': '0.07'}");
                                    return List.of(SampleResults.succeeded(id, each));
                                })) {
            submitted = CommandRun.submit(broker, batch, "--batch-id", "m", "--out", out);
        }
        CommandRun collected = CommandRun.collect(broker, "m", "--out", out, "--json");

        assertThat(submitted.out())
                .contains("for other calls, such as those of workers that died")
                .contains("in doubt: 1, at most $0.25");
        assertThat(JSON.readTree(collected.out()).at("/meter").toString())
                .isEqualTo(
                        "{\"cost_usd\":\"0.070000000000\",\"no_price\":0,\"in_doubt\":1,"
                                + "\"in_doubt_usd_at_most\":\"0.250000000000\","
                                + "\"in_doubt_unbounded\":0}");
    }

    private void meter(Producer<byte[], byte[]> to, String batchId, String attempt, String cost) {
        int version = cost.contains("amount") ? 30_000_000 : 10_000_000;
        // It stands in one of three partitions: the reading of the others' requests is not its own.
        for (int partition = 0; partition < 3; partition++) {
            String text =
                    "{'batch_id': '%s', 'custom_id': '1', 'source_partition': %d, 'source_offset': 0, 'attempt_id': '%s', 'version': %d, 'cost': %s}"
                            .formatted(batchId, partition, attempt, version, cost);
            var _ =
                    to.send(
                            new ProducerRecord<>(
                                    broker.metering(),
                                    (batchId + "/1").getBytes(StandardCharsets.UTF_8),
                                    text.replace('\'', '"').getBytes(StandardCharsets.UTF_8)));
        }
        to.flush();
    }

    @Test
    void passesOverTheResultsOfOtherBatches() throws IOException, InterruptedException {
        Files.writeString(batch, "{\"custom_id\":\"1\",\"body\":{}}\n");

        CommandRun run;
        try (FakeWorker _ =
                FakeWorker.start(
                        broker,
                        (id, each) ->
                                List.of(
                                        // the key is the same, what it says of itself is not
                                        SampleResults.refused("other", each),
                                        "not JSON",
                                        SampleResults.succeeded(id, each)))) {
            run = CommandRun.submit(broker, batch, "--out", out, "--errors", errors);
        }

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(SampleResults.customIds(out)).containsExactly("1");
        assertThat(errors).doesNotExist();
    }

    @Test
    void sendsWithoutWaitingAndCollectsLater() throws IOException, InterruptedException {
        writeBatch(20);

        CommandRun sending = CommandRun.submit(broker, batch, "--no-wait");
        CommandRun gathering;
        try (FakeWorker _ = FakeWorker.start(broker, SampleResults::mixed)) {
            gathering =
                    CommandRun.collect(
                            broker, sending.out().strip(), "--out", out, "--errors", errors);
        }

        assertThat(sending.code()).as(sending.err()).isZero();
        assertThat(sending.out()).matches("batch-\\d{8}-\\d{6}-[a-z0-9]{4}\\R");
        assertThat(gathering.code()).as(gathering.err()).isEqualTo(3);
        assertThat(SampleResults.customIds(out)).hasSize(16);
        assertThat(SampleResults.customIds(errors)).hasSize(4);
    }

    @Test
    void resumesWhereAnInterruptionLeftIt() throws IOException, InterruptedException {
        writeBatch(40);
        var stop = new StopSignal();
        List<String> late = new ArrayList<>();

        CommandRun cut;
        try (FakeWorker _ =
                FakeWorker.start(
                        broker,
                        (id, each) -> {
                            late.add(each);
                            if (late.size() == 40) {
                                stop.request();
                            }
                            return late.size() <= 10 ? SampleResults.mixed(id, each) : List.of();
                        })) {
            cut =
                    CommandRun.submit(
                            broker,
                            stop,
                            batch,
                            "--batch-id",
                            "cut",
                            "--out",
                            out,
                            "--errors",
                            errors,
                            "--spring.kafka.bootstrap-servers=x:1");
        }
        CommandRun resumed;
        try (FakeWorker _ = FakeWorker.start(broker, SampleResults::mixed)) {
            resumed = CommandRun.collect(broker, "cut", "--out", out, "--errors", errors, "--json");
        }

        assertThat(cut.code()).as(cut.err()).isEqualTo(4);
        assertThat(cut.out())
                .contains(
                        "java -jar gantry.jar collect cut --out %s --errors %s"
                                        .formatted(out, errors)
                                + " --spring.kafka.bootstrap-servers=x:1");
        assertThat(resumed.code()).as(resumed.err()).isEqualTo(3);
        assertThat(SampleResults.customIds(out)).hasSize(32);
        assertThat(SampleResults.customIds(errors)).hasSize(8);
        assertThat(JSON.readTree(resumed.out()).at("/requests").asInt()).isEqualTo(40);
    }

    @Test
    void collectsWhatOthersSubmittedByHeaderOrMember() throws IOException, InterruptedException {
        try (Producer<byte[], byte[]> producer = broker.openProducer()) {
            send(
                    producer,
                    broker.requests(),
                    "any",
                    "{\"custom_id\":\"1\",\"gantry\":{\"batch_id\":\"b\"}}");
            send(producer, broker.requests(), "any", "{\"custom_id\":\"b\"}");
            send(producer, broker.requests(), "any", "no JSON at all, though it says b");
            send(producer, broker.results(), "b/1", SampleResults.succeeded("b", "1"));
        }

        CommandRun run = CommandRun.collect(broker, "b", "--out", out);

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(SampleResults.customIds(out)).containsExactly("1");
    }

    private void writeBatch(int size) throws IOException {
        Files.write(
                batch,
                IntStream.range(0, size)
                        .mapToObj("{\"custom_id\":\"r-%d\",\"body\":{}}"::formatted)
                        .toList());
    }

    private static void send(
            Producer<byte[], byte[]> producer, String topic, String key, String value) {
        var _ =
                producer.send(
                        new ProducerRecord<>(
                                topic,
                                key.getBytes(StandardCharsets.UTF_8),
                                value.getBytes(StandardCharsets.UTF_8)));
    }
}
