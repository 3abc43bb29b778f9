package dev.gantry.event;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;

import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What is written by hand is read by a library. */
class JsonBodyTest {
    private static final JsonMapper JSON = new JsonMapper();

    @Test
    void writesWhatALibraryReads() {
        JsonNode read =
                JSON.readTree(
                        JsonBody.of(
                                body ->
                                        body.object("empty", _ -> {})
                                                .array("none", _ -> {})
                                                .flag("yes", true)
                                                .flag("no", false)
                                                .nothing("nothing")
                                                .texts("texts", Map.of("b\"", "2", "a", "1"))
                                                .raw(
                                                        "raw",
                                                        "[1, 2]".getBytes(StandardCharsets.UTF_8))
                                                .array(
                                                        "list",
                                                        list ->
                                                                list.item("x")
                                                                        .element(
                                                                                e ->
                                                                                        e.text(
                                                                                                "y",
                                                                                                ""))
                                                                        .element(_ -> {})
                                                                        .item("z"))));

        assertThat(read)
                .hasToString(
                        """
                        {"empty":{},"none":[],"yes":true,"no":false,"nothing":null,\
                        "texts":{"a":"1","b\\"":"2"},"raw":[1,2],\
                        "list":["x",{"y":""},{},"z"]}""");
    }

    @Test
    void writesEveryCharacter() {
        StringBuilder all = new StringBuilder();
        for (int each = 0; each <= Character.MAX_CODE_POINT; each += each < 0x900 ? 1 : 61) {
            if (Character.getType(each) != Character.SURROGATE) {
                all.appendCodePoint(each);
            }
        }
        String text = all.toString();

        assertThat(read(text)).isEqualTo(text);
    }

    @Test
    void replacesHalfASurrogatePair() {
        assertThat(read("a\uD83Db\uDE42\uD83D")).isEqualTo("a\uFFFDb\uFFFD\uFFFD");
    }

    @Test
    void writesNumbersOfAnyLength() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (long each : List.of(0L, 9L, 10L, -1L, Long.MAX_VALUE, Long.MIN_VALUE)) {
            assertThat(JSON.readTree(number(each)).get("n").asLong()).isEqualTo(each);
        }
        for (int i = 0; i < 1_000; i++) {
            long each = random.nextLong() >> random.nextInt(Long.SIZE);
            assertThat(number(each))
                    .as("seed %d", seed)
                    .asString()
                    .isEqualTo("{\"n\":" + each + "}");
        }
    }

    /** The next body begins anew, also with a buffer that one before has left. */
    @Test
    void isNotDisturbedByOneThatFailed() {
        try {
            JsonBody.of(
                    body -> {
                        body.text("a", "b".repeat(100_000));
                        throw new IllegalStateException("a bug");
                    });
        } catch (IllegalStateException _) {
            // as it should be
        }

        assertThat(number(1)).asString().isEqualTo("{\"n\":1}");
        assertThat(read("c".repeat(100_000))).hasSize(100_000);
    }

    /** Whoever is interrupted by another, be it itself, goes on in its own buffer. */
    @Test
    void bodiesThatAreWrittenAtTheSameTimeAreEachTheirOwn() {
        Object done =
                IntStream.range(0, 400)
                        .parallel()
                        .mapToObj(each -> new String(nested(each, 3), StandardCharsets.UTF_8))
                        .collect(Collectors.toSet());

        assertThat(done)
                .isEqualTo(
                        IntStream.range(0, 400)
                                .mapToObj(
                                        each ->
                                                "{\"a\":N,\"b\":{\"a\":N,\"b\":{\"a\":N,\"b\":1}}}"
                                                        .replace("N", Integer.toString(each)))
                                .collect(Collectors.toSet()));
    }

    private static byte[] nested(int number, int depth) {
        return JsonBody.of(
                body -> {
                    body.number("a", number);
                    byte[] inner = depth == 1 ? new byte[] {'1'} : nested(number, depth - 1);
                    body.raw("b", inner);
                });
    }

    /** What is a few megabytes is there once more while it is written, and not three times. */
    @Test
    void takesLittleMoreThanALargeBodyNeeds() {
        byte[] answer = ("[\"" + "a".repeat(8 << 20) + "\"]").getBytes(StandardCharsets.UTF_8);
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();

        byte[] written = JsonBody.of(body -> body.raw("answer", answer).text("after", "it"));

        long taken = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(written).hasSizeGreaterThan(answer.length);
        assertThat(taken).isLessThan(answer.length / 2 * 5L);
    }

    private static byte[] number(long value) {
        return JsonBody.of(body -> body.number("n", value));
    }

    private static String read(String text) {
        return JSON.readTree(JsonBody.of(body -> body.text("t", text))).get("t").asString();
    }
}
