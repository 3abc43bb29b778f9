package dev.gantry.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.operation.Operations;
import dev.gantry.request.RequestLine.Foreign;
import dev.gantry.request.RequestLine.Illegible;
import dev.gantry.request.RequestLine.Legible;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/** Whom a worker answers, and what those who send can know of it before. */
class RequestLineTest {
    private static final RequestDecoder DECODER =
            new RequestDecoder(RequestDecoderTest.settings().requestLimits(), () -> Instant.EPOCH);

    @ParameterizedTest
    @CsvSource({
        "UTF-16, UTF-16",
        "UTF-16LE, UTF-16",
        "UTF-16BE, UTF-16",
        "UTF-32, UTF-32",
        "UTF-32LE, UTF-32",
        "UTF-32BE, UTF-32"
    })
    void namesTheEncoding(String charset, String name) {
        byte[] line = "{\"custom_id\":\"a\",\"body\":{}}".getBytes(Charset.forName(charset));
        byte[] marked = "\uFEFF{\"custom_id\":\"a\"}".getBytes(Charset.forName(charset));

        assertThat(RequestLine.parse(line)).isEqualTo(new Foreign(name));
        assertThat(RequestLine.parse(marked)).isEqualTo(new Foreign(name));
    }

    @Test
    void namesTheFirstByteThatIsNotUtf8() {
        byte[] latin = "{\"custom_id\":\"\u00e9\"}".getBytes(StandardCharsets.ISO_8859_1);

        assertThat(RequestLine.parse(latin))
                .isEqualTo(new Illegible("is not UTF-8: byte 0xE9 at position 15"));
    }

    @Test
    void refusesAnOperationThatDoesNotExist() {
        String line = "{\"custom_id\":\"a\",\"url\":%s}";

        assertThat(parse(line.formatted("\"/v1/images\"")))
                .isEqualTo(new Illegible("url \"/v1/images\" is not " + Operations.ALLOWED));
        assertThat(parse(line.formatted("7")))
                .isEqualTo(new Illegible("url is not text: it is " + Operations.ALLOWED));
        assertThat(parse(line.formatted("null"))).isEqualTo(new Legible("a", null));
        assertThat(Operations.ALLOWED)
                .startsWith("one of /v1/chat/completions, ")
                .contains("/v1/embeddings", "/v1/completions", "/v1/moderations");
    }

    @Test
    void refusesWhatLiesBehindMoreThanAWorkerReads() {
        String deep = "[".repeat(300) + "]".repeat(300);

        RequestLine behind = parse("{\"body\":" + deep + ",\"custom_id\":\"a\"}");
        RequestLine before = parse("{\"custom_id\":\"a\",\"body\":" + deep + "}");

        assertThat(behind).isInstanceOf(Illegible.class);
        assertThat(before).asString().contains("is more than a worker reads").contains("200");
    }

    @Test
    void readsLargeTextsAsAWorkerDoes() {
        String large = "x".repeat(21_000_000);

        assertThat(parse("{\"body\":{\"text\":\"" + large + "\"},\"custom_id\":\"a\"}"))
                .isEqualTo(new Legible("a", null));
    }

    @Test
    void aWorkerAnswersWhoeverWasFoundLegible() {
        var random = new Random(7);
        int legible = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] line = mutated(random);

            // Lines of other batches are refused for that.
            if (RequestLine.parse(line) instanceof Legible(String customId, String batchId)
                    && (batchId == null || batchId.equals("b"))) {
                legible++;
                assertThat(answered(record(null, line, "b")))
                        .as(text(line))
                        .isEqualTo(new Named(customId, "b"));
            }
        }
        assertThat(legible).isGreaterThan(1_000);
    }

    @Test
    void theKeyNamesWhomTheValueDoesNot() {
        for (byte[] value : unnamed()) {
            ReplyAddress sender = ReplyAddress.of(record("b/a 1", value, "b"));

            assertThat(sender).as(text(value)).isEqualTo(new ReplyAddress("a 1", "b"));
            assertThat(answered(record("b/a 1", value, "b"))).isEqualTo(new Named("a 1", "b"));
        }
        assertThat(
                        ReplyAddress.of(
                                record("b/other", bytes("{\"custom_id\":\"own\",\"body\":"), "b")))
                .isEqualTo(new ReplyAddress("own", "b"));
    }

    @Test
    void aKeyThatIsSomethingElseNamesNobody() {
        for (byte[] value : unnamed()) {
            assertThat(ReplyAddress.of(record("customer-7", value, "b")).customId()).isNull();
            assertThat(ReplyAddress.of(record("c/a", value, "b")).customId()).isNull();
            assertThat(ReplyAddress.of(record("b/", value, "b")).customId()).isNull();
            assertThat(ReplyAddress.of(record("b/\u001B[2J", value, "b")).customId()).isNull();
            assertThat(ReplyAddress.of(record("b/a", value, null)).customId()).isNull();
            assertThat(ReplyAddress.of(record(null, value, "b")).customId()).isNull();
        }
    }

    private static List<byte @Nullable []> unnamed() {
        return Arrays.asList(
                null,
                bytes("no JSON"),
                "{\"custom_id\":\"a\"}".getBytes(StandardCharsets.UTF_16),
                bytes("{\"body\":" + "[".repeat(300) + "]".repeat(300) + ",\"custom_id\":\"a\"}"),
                bytes("{\"body\":{}}"),
                new byte[8]);
    }

    private record Named(@Nullable String customId, @Nullable String batchId) {}

    private static Named answered(ConsumerRecord<byte[], byte[]> record) {
        return switch (DECODER.decode(record)) {
            case DecodedRecord.Valid(var request) ->
                    new Named(request.customId(), request.batchId());
            case DecodedRecord.Invalid(_, var customId, var batchId) ->
                    new Named(customId, batchId);
        };
    }

    /** A line with a few bytes changed, doubled or lost. */
    private static byte[] mutated(Random random) {
        byte[] line =
                bytes(
                        "{\"custom_id\":\"i-1\",\"gantry\":{\"batch_id\":\"b\"},\"body\":{\"model\":\"m\"}}");
        for (int i = random.nextInt(3); i > 0; i--) {
            int at = random.nextInt(line.length);
            int from = random.nextInt(line.length);
            switch (random.nextInt(3)) {
                case 0 -> line[at] = line[from];
                case 1 -> line[at] = (byte) random.nextInt(256);
                default -> line = Arrays.copyOf(line, line.length - random.nextInt(3));
            }
        }
        return line;
    }

    private static ConsumerRecord<byte[], byte[]> record(
            @Nullable String key, byte @Nullable [] value, @Nullable String batch) {
        var headers = new RecordHeaders();
        if (batch != null) {
            headers.add("gantry-batch-id", bytes(batch));
        }
        return new ConsumerRecord<>(
                "requests",
                0,
                0,
                0L,
                TimestampType.CREATE_TIME,
                0,
                0,
                key == null ? null : bytes(key),
                value,
                headers,
                Optional.empty());
    }

    private static RequestLine parse(String line) {
        return RequestLine.parse(bytes(line));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte @Nullable [] bytes) {
        return bytes == null ? "null" : new String(bytes, StandardCharsets.UTF_8);
    }
}
