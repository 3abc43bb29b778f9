package dev.gantry.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.dialect.StreamReader.Ended;
import dev.gantry.inference.InferenceRequest;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Streams of one feature each, kept as files: a provider's events, and below them the chunks that
 * they become, those that close the answer, and the answer.
 */
public class GoldenStreamsTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String BELOW = "--- ";
    private static final InferenceRequest REQUEST =
            Chats.request(
                    """
                    {"model": "m", "messages": [{"role": "user", "content": "x"}],
                     "stream": true, "stream_options": {"include_usage": true}}
                    """);

    static Stream<Path> files() throws IOException {
        return GoldenPairsTest.files("txt");
    }

    /**
     * What has come of a stream.
     *
     * @param seen how many deltas had been told after each piece
     */
    private record Read(List<String> deltas, List<Integer> seen, Ended ended) {
        List<String> closing() {
            return ended.closing().stream().map(GoldenStreamsTest::text).toList();
        }

        /** Without what is compared apart. */
        String answer() {
            ObjectNode found = JSON.createObjectNode().put("whole", ended.whole());
            GoldenPairsTest.answer(found, ended.reading());
            return found.toPrettyString();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("files")
    void isReadAsItsFileSays(Path file) throws IOException {
        String kept = Files.readString(file);

        assertThat(found(file)).isEqualTo(kept);
    }

    /** Bytes come as they like, and may end anywhere. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("files")
    void mayBeCutAtEveryByte(Path file) throws IOException {
        byte[] events = events(Files.readString(file));
        Read whole = read(file, events, events.length);

        Read slow = read(file, events, 1);

        assertThat(slow.deltas()).isEqualTo(whole.deltas());
        assertThat(slow.closing()).isEqualTo(whole.closing());
        assertThat(slow.answer()).isEqualTo(whole.answer());
        for (int length = 0; length < events.length; length++) {
            Read cut = read(file, Arrays.copyOf(events, length), events.length);
            int seen = length == 0 ? 0 : slow.seen().get(length - 1);
            assertThat(cut.deltas())
                    .as("%d bytes", length)
                    .isEqualTo(whole.deltas().subList(0, seen));
            if (cut.ended().whole()) {
                assertThat(cut.answer()).as("%d bytes", length).isEqualTo(whole.answer());
            } else {
                assertThat(cut.ended().reading().good()).as("%d bytes", length).isFalse();
            }
        }
    }

    /** A stream that nobody asked for is joined; one that breaks off keeps what it has cost. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("files")
    void isTheSameAnswerWhereNobodyAskedForAStream(Path file) throws IOException {
        byte[] events = events(Files.readString(file));
        Ended streamed = read(file, events, events.length).ended();

        WireFormat.Reading joined =
                format(file).answer(REQUEST.operation(), 200, GoldenPairsTest.HEADERS, events);

        assertThat(joined.good()).isEqualTo(streamed.reading().good());
        assertThat(joined.answer().usage()).isEqualTo(streamed.reading().answer().usage());
        if (streamed.whole()) {
            assertThat(joined.answer().body().text())
                    .isEqualTo(streamed.reading().answer().body().text());
            assertThat(joined.answer().mended()).contains("event_stream");
        } else {
            assertThat(joined.answer().body().isJson()).isFalse();
            assertThat(joined.answer().body().text()).isEqualTo(text(events));
        }
    }

    /** The file again, with everything that we make of its events. */
    public static String found(Path file) throws IOException {
        String kept = Files.readString(file);
        byte[] events = events(kept);
        Read read = read(file, events, events.length);
        StringBuilder found = new StringBuilder(text(events));
        found.append(BELOW).append("chunks\n");
        read.deltas().forEach(each -> found.append(each).append('\n'));
        found.append(BELOW).append("closing\n");
        read.closing().forEach(each -> found.append(each).append('\n'));
        return found.append(BELOW).append("answer\n").append(read.answer()).append('\n').toString();
    }

    private static byte[] events(String kept) {
        int end = kept.indexOf(BELOW);
        return (end < 0 ? kept : kept.substring(0, end)).getBytes(StandardCharsets.UTF_8);
    }

    private static WireFormat format(Path file) {
        return Chats.format(GoldenPairsTest.dialect(file));
    }

    private static Read read(Path file, byte[] events, int step) {
        StreamReader reader = format(file).stream(REQUEST, 200, GoldenPairsTest.HEADERS);
        List<String> deltas = new ArrayList<>();
        List<Integer> seen = new ArrayList<>();
        for (int at = 0; at < events.length; at += step) {
            byte[] piece = Arrays.copyOfRange(events, at, Math.min(events.length, at + step));
            reader.take(piece, piece.length, each -> deltas.add(text(each)));
            seen.add(deltas.size());
        }
        return new Read(deltas, seen, reader.end());
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
