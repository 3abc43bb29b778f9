package dev.gantry.dialect;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

class EventStreamTest {
    private static final List<String> TOLD =
            List.of("null: {\"a\":\"ä€😀\"}", "error: one\ntwo", "null: {}", "null: [DONE]");

    private static final byte[] TEXT =
            bytes(
                    "\uFEFFdata: {\"a\":\"ä€😀\"}\r\n\r\n: ping\r\revent: error\ndata: one\r\ndata:two\n\n"
                            + "id: 7\n\ndata:{}\ndata: [DONE]");

    @Test
    void bytesMayBeCutAnywhere() {
        for (int cut = 0; cut <= TEXT.length; cut++) {
            byte[] head = Arrays.copyOfRange(TEXT, 0, cut);
            byte[] tail = Arrays.copyOfRange(TEXT, cut, TEXT.length);

            assertThat(told(List.of(head, tail))).as("cut at %s", cut).isEqualTo(TOLD);
        }
    }

    @Test
    void eachByteMayComeAlone() {
        List<byte[]> pieces = new ArrayList<>();
        for (byte each : TEXT) {
            pieces.add(new byte[] {each});
        }

        assertThat(told(pieces)).isEqualTo(TOLD);
    }

    @Test
    void anEventIsToldAsSoonAsItIsWhole() {
        EventStream stream = new EventStream();
        List<String> told = new ArrayList<>();

        take(stream, bytes("data: a\n\ndata: b"), told);

        assertThat(told).containsExactly("null: a");
        assertThat(stream.pending()).isEqualTo("data: b".length());
    }

    /** The array is used again for the bytes that follow. */
    @Test
    void whatWasToldDoesNotChange() {
        EventStream stream = new EventStream();
        List<EventStream.Event> told = new ArrayList<>();
        byte[] bytes = bytes("data: a\n\n");

        stream.take(bytes, bytes.length, told::add);
        Arrays.fill(bytes, (byte) 'x');
        stream.take(bytes("data: b\n\n"), bytes.length, told::add);

        assertThat(told.getFirst().data()).isEqualTo(bytes("a"));
    }

    @Test
    void aStreamIsKnownByItsTypeOrItsFirstLine() {
        Map<String, String> typed = Map.of("content-type", "Text/Event-Stream; charset=utf-8");

        assertThat(EventStream.is(typed, bytes(""))).isTrue();
        assertThat(EventStream.is(Map.of(), bytes("\n: ping\n\ndata: {}"))).isTrue();
        assertThat(EventStream.is(Map.of(), bytes("data: {}"))).isTrue();
        assertThat(EventStream.is(typed, bytes(" {\"choices\":[]}"))).isFalse();
        assertThat(EventStream.is(Map.of(), bytes("{\"data:\":1}"))).isFalse();
    }

    private static List<String> told(List<byte[]> pieces) {
        EventStream stream = new EventStream();
        List<String> told = new ArrayList<>();
        pieces.forEach(each -> take(stream, each, told));
        stream.end(event -> told.add(shown(event)));
        return told;
    }

    private static void take(EventStream stream, byte[] bytes, List<String> told) {
        stream.take(bytes, bytes.length, event -> told.add(shown(event)));
    }

    private static String shown(EventStream.Event event) {
        return event.name() + ": " + new String(event.data(), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
