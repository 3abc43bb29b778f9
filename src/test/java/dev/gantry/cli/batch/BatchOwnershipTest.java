package dev.gantry.cli.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.cli.SampleResults;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Ids are claimed by whoever writes them; whose request is whose is told by where it stands. */
class BatchOwnershipTest extends BatchFixture {
    private static final JsonMapper JSON = JsonMapper.shared();

    @BeforeEach
    void writeBatch() throws IOException {
        Files.write(
                batch,
                IntStream.range(0, 20)
                        .mapToObj("{\"custom_id\":\"r-%d\",\"body\":{\"own\":1}}"::formatted)
                        .toList());
    }

    @Test
    void anotherRecordWithTheSameIdsDoesNotTakeTheAnswersPlace() throws Exception {
        foreign(broker, "b", "r-1", 1);
        CommandRun sending = submit(broker, "--no-wait");
        foreign(broker, "b", "r-2", System.currentTimeMillis());
        foreign(broker, "b", "extra", System.currentTimeMillis());

        CommandRun gathering;
        try (FakeWorker _ = FakeWorker.deriving(broker, BatchOwnershipTest::answerAllButExtra)) {
            gathering = CommandRun.collect(broker, "b", "--out", out, "--json");
        }

        assertThat(sending.code()).as(sending.err()).isZero();
        assertThat(gathering.code()).as(gathering.err()).isZero();
        assertThat(SampleResults.customIds(out)).hasSize(20).doesNotContain("extra");
        assertThat(Files.readString(out)).doesNotContain("theirs");
        JsonNode summary = JSON.readTree(gathering.out());
        assertThat(summary.at("/requests").asInt()).isEqualTo(20);
        assertThat(summary.at("/claimed").asBoolean()).isFalse();
        assertThat(summary.at("/others").asInt()).isGreaterThanOrEqualTo(3);
    }

    @Test
    void theMarkOfSubmitDoesWithoutAReceipt() throws Exception {
        foreign(broker, "b", "r-1", 1);
        foreign(broker, "b", "extra", 1);
        submit(broker, "--no-wait");
        removeReceipts();

        CommandRun gathering;
        try (FakeWorker _ = FakeWorker.deriving(broker, BatchOwnershipTest::answerAllButExtra)) {
            gathering = CommandRun.collect(broker, "b", "--out", out, "--json");
        }

        assertThat(gathering.code()).as(gathering.err()).isZero();
        assertThat(SampleResults.customIds(out)).hasSize(20);
        assertThat(Files.readString(out)).doesNotContain("theirs");
        assertThat(JSON.readTree(gathering.out()).at("/others").asInt()).isGreaterThanOrEqualTo(2);
        assertThat(gathering.err())
                .contains("ids are claimed: 2 requests of batch b are not submit's; left out")
                .contains("custom_id \"r-1\" was sent more than once; the answer to submit's own");
    }

    @Test
    void submitTakesTheAnswersToItsOwnRequestsOnly() throws Exception {
        foreign(broker, "b", "r-1", 1);
        foreign(broker, "b", "r-2", 1);

        CommandRun run;
        try (FakeWorker _ = FakeWorker.deriving(broker, BatchOwnershipTest::answer)) {
            run = submit(broker);
        }

        assertThat(run.code()).as(run.err()).isZero();
        assertThat(SampleResults.customIds(out)).hasSize(20);
        assertThat(Files.readString(out)).doesNotContain("theirs");
    }

    @Test
    void twoSubmissionsWithOneBatchIdGetEachItsOwn() throws Exception {
        Path otherOut = folder.resolve("other/out.jsonl");
        Files.createDirectory(otherOut.getParent());
        Path otherBatch = folder.resolve("other/batch.jsonl");
        Files.write(
                otherBatch,
                IntStream.range(10, 30)
                        .mapToObj("{\"custom_id\":\"r-%d\",\"body\":{\"other\":1}}"::formatted)
                        .toList());

        List<CommandRun> runs = new CopyOnWriteArrayList<>();
        Thread first = Thread.ofVirtual().unstarted(() -> runs.add(submitted(broker, batch, out)));
        Thread second =
                Thread.ofVirtual()
                        .unstarted(() -> runs.add(submitted(broker, otherBatch, otherOut)));
        // Nothing is answered before both have sent.
        var sent = new CountDownLatch(40);
        try (FakeWorker _ =
                FakeWorker.deriving(
                        broker,
                        (id, request) -> {
                            sent.countDown();
                            return List.of();
                        })) {
            first.start();
            second.start();
            sent.await();
        }
        try (FakeWorker _ = FakeWorker.deriving(broker, BatchOwnershipTest::answer)) {
            first.join();
            second.join();
        }
        CommandRun collected =
                CommandRun.collect(broker, "b", "--out", folder.resolve("other/again.jsonl"));

        assertThat(runs).extracting(CommandRun::code).containsExactly(0, 0);
        assertThat(SampleResults.customIds(out)).hasSize(20).contains("r-0").doesNotContain("r-29");
        assertThat(SampleResults.customIds(otherOut))
                .hasSize(20)
                .contains("r-29")
                .doesNotContain("r-0");
        assertThat(Files.readString(out)).doesNotContain("\"other\"");
        assertThat(collected.code()).as(collected.err()).isZero();
        assertThat(SampleResults.customIds(folder.resolve("other/again.jsonl"))).hasSize(20);
    }

    @Test
    void claimsAreSaidToBeClaimsAndTheFirstSentCounts() throws Exception {
        foreign(broker, "b", "r-1", 2_000);
        foreign(broker, "b", "r-2", 1_000);
        foreign(broker, "b", "r-1", 1_000);

        CommandRun gathering;
        try (FakeWorker _ =
                FakeWorker.deriving(
                        broker,
                        (id, request) -> {
                            return List.of(
                                    request.timestamp() == 1_000
                                            ? SampleResults.succeeded(
                                                    id, FakeWorker.customId(request))
                                            : SampleResults.refused(
                                                    id, FakeWorker.customId(request)));
                        })) {
            gathering = CommandRun.collect(broker, "b", "--out", out, "--json");
        }

        assertThat(gathering.code()).as(gathering.err()).isZero();
        assertThat(SampleResults.customIds(out)).containsExactly("r-1", "r-2");
        assertThat(gathering.err())
                .contains("whoever wrote batch b is in it")
                .contains("custom_id \"r-1\" was sent more than once");
        JsonNode summary = JSON.readTree(gathering.out());
        assertThat(summary.at("/claimed").asBoolean()).isTrue();
        assertThat(summary.at("/doubles").asInt()).isEqualTo(1);
    }

    @Test
    void requestsThatNobodyCanNameAreCountedAndNotWaitedFor() throws Exception {
        foreign(broker, "b", "r-1", 1);
        send(broker, "b", "some key", "{\"custom_id\":\"\\u0007\",\"body\":{}}", 2);
        send(broker, "b", "b/keyed", "broken", 3);

        CommandRun gathering;
        try (FakeWorker _ = FakeWorker.deriving(broker, BatchOwnershipTest::answer)) {
            gathering = CommandRun.collect(broker, "b", "--out", out, "--json");
        }

        assertThat(gathering.code()).as(gathering.err()).isEqualTo(3);
        assertThat(SampleResults.customIds(out)).containsExactly("keyed", "r-1");
        assertThat(Files.readString(folder.resolve("out.jsonl.err.jsonl")))
                .contains("no custom_id can be read; the record is on the dead-letter topic");
        assertThat(JSON.readTree(gathering.out()).at("/requests").asInt()).isEqualTo(3);
    }

    @Test
    void aReceiptIsAskedForByNameAndIsOfThatBatch() throws Exception {
        submit(broker, "--no-wait");
        Path receipt = receipts().getFirst();

        CommandRun wrong = CommandRun.collect(broker, "other", "--out", out, "--receipt", receipt);
        CommandRun none = CommandRun.collect(broker, "b", "--out", out, "--receipt", batch);

        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err()).contains("is of batch b, not of other");
        assertThat(none.code()).isEqualTo(2);
        assertThat(none.err()).contains("is no receipt of submit");
    }

    private CommandRun submit(BrokerAccess broker, Object... more) {
        List<Object> args = new ArrayList<>(List.of(batch, "--batch-id", "b", "--out", out));
        args.addAll(List.of(more));
        return CommandRun.submit(broker, args.toArray());
    }

    private static CommandRun submitted(BrokerAccess broker, Path batch, Path out) {
        return CommandRun.submit(broker, batch, "--batch-id", "b", "--out", out);
    }

    private static List<String> answer(String id, ConsumerRecord<byte[], byte[]> request) {
        String body = new String(request.value(), StandardCharsets.UTF_8);
        String mark =
                body.contains("theirs")
                        ? "theirs"
                        : body.contains("other") ? "\\\"other\\\"" : "fine";
        return List.of(
                SampleResults.succeeded(id, FakeWorker.customId(request)).replace("fine", mark));
    }

    private static List<String> answerAllButExtra(
            String id, ConsumerRecord<byte[], byte[]> request) {
        return FakeWorker.customId(request).equals("extra") ? List.of() : answer(id, request);
    }

    private static void foreign(
            BrokerAccess broker, @Nullable String header, String customId, long time)
            throws ExecutionException, InterruptedException {
        String value = "{\"custom_id\":\"%s\",\"body\":{\"theirs\":1}}".formatted(customId);
        send(broker, header, "any", value, time);
    }

    private static void send(
            BrokerAccess broker, @Nullable String batch, String key, String value, long time)
            throws ExecutionException, InterruptedException {
        try (Producer<byte[], byte[]> producer = broker.openProducer()) {
            var request =
                    new ProducerRecord<>(
                            broker.requests(),
                            null,
                            time,
                            key.getBytes(StandardCharsets.UTF_8),
                            value.getBytes(StandardCharsets.UTF_8));
            if (batch != null) {
                request.headers().add("gantry-batch-id", batch.getBytes(StandardCharsets.UTF_8));
            }
            producer.send(request).get();
        }
    }

    private List<Path> receipts() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(each -> each.toString().endsWith(".receipt.json")).toList();
        }
    }

    private void removeReceipts() throws IOException {
        for (Path each : receipts()) {
            Files.delete(each);
        }
    }
}
