package dev.gantry.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Answer;
import dev.gantry.inference.Cancellation;
import dev.gantry.provider.ProviderReply.Answered;
import dev.gantry.provider.ProviderReply.Cut;
import dev.gantry.provider.ProviderReply.TimedOut;
import dev.gantry.provider.ProviderReply.TooLarge;
import dev.gantry.provider.ProviderReply.Undecodable;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;

/**
 * Answers that other clients throw away: compressed unasked, framed badly, streamed, not quite
 * JSON.
 */
class UnusualAnswerTest {
    private static final String ANSWER =
            "{\"id\":\"c-1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"message\":{\"content\":\"fine\"},"
                    + "\"finish_reason\":\"stop\"}],"
                    + "\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":10}}";

    private static final String STREAM =
            """
                : ping

                data: {"id":"c-1","model":"m","choices":[{"index":0,"delta":{"content":"fi"}}]}

                data: {"id":"c-1","choices":[{"index":0,"delta":{"content":"ne"},"finish_reason":"stop"}]}

                data: {"id":"c-1","choices":[],"usage":{"prompt_tokens":20,"completion_tokens":10}}

                data: [DONE]

                """;

    /** How the bytes are sent and named. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Sent(String head, byte[] body) {}

    @ParameterizedTest
    @CsvSource({
        "gzip, gzip",
        "x-gzip, gzip",
        "GZIP, gzip",
        "deflate, zlib",
        "deflate, raw",
        "'gzip, identity', gzip",
        "'gzip, gzip', gzip+gzip",
        "'deflate, gzip', zlib+gzip",
        "identity, plain",
        "gzip, plain",
        "x-gzip, plain"
    })
    void isDecodedWhateverWasAskedFor(String named, String coded) throws IOException {
        for (boolean chunked : List.of(false, true)) {
            byte[] body = coded(ANSWER.getBytes(StandardCharsets.UTF_8), coded);

            try (ScriptedServer server =
                            serving(framed("Content-Encoding: " + named, body, chunked));
                    OneEndpoint providers = Calls.providers(new EndpointDraft(server).build())) {

                assertFine(Calls.call(providers), List.of());
                assertFine(Calls.call(providers), List.of());
                assertThat(server.connections()).as("kept open").isOne();
            }
        }
    }

    @Test
    void severalHeadersNameSeveralCodings() throws IOException {
        byte[] body = coded(ANSWER.getBytes(StandardCharsets.UTF_8), "zlib+gzip");

        assertFine(
                answer(framed("Content-Encoding: deflate\r\nContent-Encoding: gzip", body, false)),
                List.of());
    }

    @Test
    void theLimitIsThatOfTheDecodedBody() throws IOException {
        byte[] bomb = coded(new byte[50_000_000], "gzip");
        assertThat(bomb.length).isLessThan(100_000);

        assertThat(answer(framed("Content-Encoding: gzip", bomb, false)))
                .isEqualTo(new TooLarge(200, DataSize.ofMegabytes(1).toBytes()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd", "gzip, br", "compress"})
    void aCodingThatNobodyHereReadsIsNamed(String coding) throws IOException {
        ProviderReply reply =
                answer(framed("Content-Encoding: " + coding, new byte[] {1, 2, 3}, false));

        String unknown = coding.substring(coding.lastIndexOf(' ') + 1);
        assertThat(reply).isEqualTo(new Undecodable(200, unknown));
    }

    @Test
    void brokenCompressionIsABrokenAnswer() throws IOException {
        byte[] body = coded(ANSWER.getBytes(StandardCharsets.UTF_8), "gzip");
        body[12] ^= 0x55;

        assertThat(answer(framed("Content-Encoding: gzip", body, false))).isInstanceOf(Cut.class);
    }

    @Test
    void anEmptyBodyNeedsNoDecoding() throws IOException {
        ProviderReply reply = answer(framed("Content-Encoding: gzip", new byte[0], false));

        assertThat(((Answered) reply).answer().body().size()).isZero();
    }

    @Test
    void equalLengthsAreOne() throws IOException {
        byte[] body = ANSWER.getBytes(StandardCharsets.UTF_8);
        int length = body.length;

        assertFine(
                answer(
                        new Sent(
                                "Content-Length: %d\r\nContent-Length: %d"
                                        .formatted(length, length),
                                body)),
                List.of());
        assertFine(
                answer(new Sent("Content-Length: %d, %d".formatted(length, length), body)),
                List.of());
    }

    @Test
    void differentLengthsAreNoAnswer() throws IOException {
        byte[] body = ANSWER.getBytes(StandardCharsets.UTF_8);

        assertThat(answer(new Sent("Content-Length: 5\r\nContent-Length: 6", body)))
                .isInstanceOf(Cut.class);
    }

    @Test
    void aWholeAnswerWhoseFramingEndsEarlyIsAnAnswer() throws IOException {
        byte[] body = ANSWER.getBytes(StandardCharsets.UTF_8);

        assertFine(
                answer(new Sent("Transfer-Encoding: chunked", chunk(body))),
                List.of("unterminated"));
        assertFine(
                answer(new Sent("Content-Length: " + (body.length + 7), body)),
                List.of("unterminated"));
        assertFine(
                answer(
                        new Sent(
                                "Transfer-Encoding: chunked",
                                chunk((ANSWER + "\n").getBytes(StandardCharsets.UTF_8)))),
                List.of("unterminated"));
    }

    @Test
    void anErrorWhoseFramingEndsEarlyIsThatError() throws IOException {
        byte[] page = "<html>slow down</html>".getBytes(StandardCharsets.UTF_8);
        try (ScriptedServer server =
                        new ScriptedServer(
                                wire -> {
                                    wire.read();
                                    wire.send("HTTP/1.1 429 X\r\n");
                                    wire.send("Retry-After: 7\r\nContent-Length: 99\r\n\r\n");
                                    wire.socket().getOutputStream().write(page);
                                });
                OneEndpoint providers = Calls.providers(new EndpointDraft(server).build())) {

            Answered reply = (Answered) Calls.call(providers);

            assertThat(reply.answer().status()).isEqualTo(429);
            assertThat(reply.headers()).containsEntry("retry-after", "7");
        }
    }

    @Test
    void theUsageOfAnAnswerThatWasCutCounts() throws IOException {
        byte[] body =
                "{\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":10},\"choices\":[{\"mess"
                        .getBytes(StandardCharsets.UTF_8);

        Answered reply = (Answered) answer(new Sent("Content-Length: 900", body));

        assertThat(reply.answer().body().isJson()).isFalse();
        assertThat(reply.answer().usage()).extracting("input", "output").containsExactly(20L, 10L);
    }

    @Test
    void aWholeStreamThatIsCutInAComment() throws IOException {
        byte[] body = (STREAM + ": keep-al").getBytes(StandardCharsets.UTF_8);

        assertFine(
                answer(
                        new Sent(
                                "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked",
                                chunk(body))),
                List.of("event_stream", "unterminated"));
    }

    @Test
    void halfAnAnswerIsNone() throws IOException {
        for (int length = 1; length < ANSWER.length(); length++) {
            byte[] half = ANSWER.substring(0, length).getBytes(StandardCharsets.UTF_8);

            ProviderReply reply = answer(new Sent("Transfer-Encoding: chunked", chunk(half)));

            boolean whole = reply instanceof Answered(Answer read, _) && read.body().isJson();
            assertThat(whole).as("cut at %s", length).isFalse();
        }
    }

    @Test
    void aWholeAnswerOfAServerThatForgetsToCloseIsKept() throws IOException {
        byte[] body = ANSWER.getBytes(StandardCharsets.UTF_8);
        for (byte[] sent : List.of(body, Arrays.copyOf(body, body.length - 1))) {
            try (ScriptedServer server =
                            new ScriptedServer(
                                    wire -> {
                                        wire.read();
                                        wire.send("HTTP/1.1 200 OK\r\n\r\n");
                                        wire.socket().getOutputStream().write(sent);
                                        wire.awaitClose();
                                    });
                    OneEndpoint providers = Calls.providers(new EndpointDraft(server).build())) {

                boolean whole = sent.length == body.length;
                Duration limit = Calls.SHORT;

                ProviderReply reply = Calls.call(providers, limit, new Cancellation());
                while (whole && reply instanceof TimedOut && limit.compareTo(Calls.LONG) < 0) {
                    limit = limit.multipliedBy(2); // a busy machine may need more
                    reply = Calls.call(providers, limit, new Cancellation());
                }

                if (whole) {
                    assertFine(reply, List.of("unterminated"));
                } else {
                    assertThat(reply).isInstanceOf(TimedOut.class);
                }
            }
        }
    }

    @Test
    void aStreamIsJoined() throws IOException {
        byte[] body = STREAM.getBytes(StandardCharsets.UTF_8);

        assertFine(
                answer(framed("Content-Type: text/event-stream", body, true)),
                List.of("event_stream"));
        assertFine(answer(framed("X: y", body, false)), List.of("event_stream"));
        assertFine(
                answer(framed("Content-Encoding: gzip", coded(body, "gzip"), true)),
                List.of("event_stream"));
    }

    @Test
    void aStreamThatBreaksOffIsNoAnswerButItsUsageCounts() throws IOException {
        byte[] body =
                ("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"fi\"}}],"
                                + "\"usage\":{\"prompt_tokens\":20,\"completion_tokens\":1}}\n\n")
                        .getBytes(StandardCharsets.UTF_8);

        Answered reply = (Answered) answer(framed("Content-Type: text/event-stream", body, true));

        assertThat(reply.answer().body().isJson()).isFalse();
        assertThat(reply.answer().usage()).extracting("input", "output").containsExactly(20L, 1L);
    }

    @Test
    void whatIsJsonButForASlipIsMended() throws IOException {
        byte[] slip = ANSWER.replace("fine", "fi\u000bne").getBytes(StandardCharsets.UTF_8);
        byte[] number =
                ANSWER.replace("\"index\":0", "\"index\":0,\"logprob\":-Infinity")
                        .getBytes(StandardCharsets.UTF_8);
        byte[] broken = ANSWER.getBytes(StandardCharsets.UTF_8);
        broken[ANSWER.indexOf("fine")] = (byte) 0xA3;

        assertFine(answer(framed("X: y", slip, false)), List.of("control_characters"));
        assertFine(answer(framed("X: y", number, false)), List.of("numbers"));
        assertFine(answer(framed("X: y", broken, false)), List.of("encoding"));
    }

    private static void assertFine(ProviderReply reply, List<String> mended) {
        assertThat(reply).isInstanceOf(Answered.class);
        var answer = ((Answered) reply).answer();
        assertThat(answer.body().isJson()).isTrue();
        assertThat(answer.finishReason()).isEqualTo("stop");
        assertThat(answer.usage()).extracting("input", "output").containsExactly(20L, 10L);
        assertThat(answer.mended()).isEqualTo(mended);
    }

    private static ProviderReply answer(Sent sent) throws IOException {
        try (ScriptedServer server = serving(sent);
                OneEndpoint providers = Calls.providers(new EndpointDraft(server).build())) {
            return Calls.call(providers);
        }
    }

    /**
     * The same answer to each request of a connection, which is closed where its framing is broken.
     */
    private static ScriptedServer serving(Sent sent) {
        return new ScriptedServer(
                wire -> {
                    boolean whole = !sent.head().contains("chunked") || endsChunked(sent.body());
                    do {
                        if (wire.read() == null) {
                            return;
                        }
                        wire.send(
                                "HTTP/1.1 200 OK\r\n"
                                        + ScriptedServer.KEPT
                                        + sent.head()
                                        + "\r\n\r\n");
                        wire.socket().getOutputStream().write(sent.body());
                    } while (whole && lengthIsTrue(sent));
                });
    }

    private static boolean endsChunked(byte[] body) {
        return new String(body, StandardCharsets.ISO_8859_1).endsWith("\r\n0\r\n\r\n");
    }

    private static boolean lengthIsTrue(Sent sent) {
        return sent.head().contains("chunked")
                || sent.head().endsWith("Content-Length: " + sent.body().length);
    }

    private static Sent framed(String header, byte[] body, boolean chunked) {
        if (!chunked) {
            return new Sent(header + "\r\nContent-Length: " + body.length, body);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int half = body.length / 2;
        out.writeBytes(chunk(Arrays.copyOf(body, half)));
        out.writeBytes(chunk(Arrays.copyOfRange(body, half, body.length)));
        out.writeBytes("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return new Sent(header + "\r\nTransfer-Encoding: chunked", out.toByteArray());
    }

    private static byte[] chunk(byte[] bytes) {
        if (bytes.length == 0) {
            return bytes;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(
                (Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(bytes);
        out.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
        return out.toByteArray();
    }

    private static byte[] coded(byte[] plain, String codings) throws IOException {
        byte[] bytes = plain;
        for (String coding : codings.split("\\+", -1)) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (OutputStream coder =
                    switch (coding) {
                        case "gzip" -> new GZIPOutputStream(out);
                        case "zlib" -> new DeflaterOutputStream(out);
                        case "raw" ->
                                new DeflaterOutputStream(
                                        out, new Deflater(Deflater.DEFAULT_COMPRESSION, true));
                        default -> out;
                    }) {
                coder.write(bytes);
            }
            bytes = out.toByteArray();
        }
        return bytes;
    }
}
