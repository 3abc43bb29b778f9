package dev.gantry.provider;

import static org.assertj.core.api.Assertions.assertThat;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.gantry.dialect.Chats;
import dev.gantry.inference.Cancellation;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Usage;
import dev.gantry.memory.ByteBudget;
import dev.gantry.memory.Hold;
import dev.gantry.provider.ProviderReply.Answered;
import dev.gantry.provider.ProviderReply.Cancelled;
import dev.gantry.provider.ProviderReply.Cut;
import dev.gantry.provider.ProviderReply.Stalled;
import dev.gantry.provider.ProviderReply.TooLarge;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.util.unit.DataSize;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers that are told while they come. */
class StreamedCallTest {
    private static final String A = delta("a");
    private static final String B = delta("b");
    private static final String END =
            "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}";
    private static final String USAGE =
            "{\"id\":\"c\",\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":2}}";
    private static final String HEAD =
            "HTTP/1.1 200 OK\r\n"
                    + ScriptedServer.KEPT
                    + "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final String WHOLE = HEAD + events(A, B, END, USAGE, "[DONE]") + "0\r\n\r\n";
    private static final InferenceRequest REQUEST =
            Chats.request("{\"model\":\"small\",\"stream\":true,\"messages\":[]}");

    private final Told told = new Told();

    @Test
    void eachDeltaIsToldWhileTheRestIsStillToCome() throws IOException {
        try (ScriptedServer server =
                        new ScriptedServer(
                                wire -> {
                                    wire.read();
                                    wire.send(HEAD + events(A));
                                    told.await(1);
                                    wire.send(events(B));
                                    told.await(2);
                                    wire.send(events(END, USAGE, "[DONE]") + "0\r\n\r\n");
                                });
                OneEndpoint providers = Calls.providers(new EndpointDraft(server).build())) {

            Answered reply = (Answered) call(providers, Calls.hold());

            assertThat(told.deltas).containsExactly(A, B);
            assertThat(told.closing).containsExactly(END);
            assertThat(reply.answer().body().text())
                    .contains("\"content\":\"ab\"")
                    .contains("\"prompt_tokens\":9");
            assertThat(reply.answer().usage()).isNotNull();
            assertThat(told.came).isNull();
        }
    }

    /** What it says of limits counts for all the others, and a stream may take minutes. */
    @Test
    void theHeadIsToldBeforeAnyDelta() throws IOException {
        String limit = "\r\nX-RateLimit-Remaining-Requests: 7\r\n\r\n";
        try (ScriptedServer server =
                        new ScriptedServer(
                                wire -> {
                                    wire.read();
                                    wire.send(HEAD.strip() + limit);
                                    told.await(told.heads, 1);
                                    wire.send(WHOLE.substring(HEAD.length()));
                                });
                OneEndpoint providers = Calls.providers(new EndpointDraft(server).build())) {
            call(providers, Calls.hold());
        }

        assertThat(told.heads).hasSize(1);
        assertThat(told.heads.getFirst()).containsEntry("x-ratelimit-remaining-requests", "7");
    }

    @Test
    void theHeadOfARefusalIsToldAndOfAnAnswerThatNeverEnds() throws IOException {
        replyTo("HTTP/1.1 429 Slow\r\nX-A: 1\r\nContent-Length: 2\r\n\r\n{}0\r\n\r\n");
        replyTo("HTTP/1.1 200 OK\r\nX-A: 2\r\nContent-Length: 9\r\n\r\n{");

        assertThat(told.heads).extracting(each -> each.get("x-a")).containsExactly("1", "2");
    }

    @Test
    void theServerIsAskedForAStreamAndItsUsage() throws IOException, InterruptedException {
        try (ScriptedServer server = answering(WHOLE);
                OneEndpoint providers = Calls.providers(new EndpointDraft(server).build())) {
            call(providers, Calls.hold());

            assertThat(server.request().body())
                    .contains("\"stream\":true", "\"stream_options\":{\"include_usage\":true}");
        }
    }

    @Test
    void aConnectionIsUsedAgainAfterAWholeStream() throws IOException {
        try (ScriptedServer server = answering(WHOLE);
                OneEndpoint providers = Calls.providers(new EndpointDraft(server).build())) {
            call(providers, Calls.hold());
            call(providers, Calls.hold());

            assertThat(server.connections()).isOne();
            assertThat(told.deltas).hasSize(4);
        }
    }

    @Test
    void aStreamThatEndsBeforeItsAnswerIsCut() throws IOException {
        Cut reply = (Cut) replyTo(HEAD + events(A, B) + "0\r\n\r\n");

        assertThat(reply.answerBegun()).isTrue();
        assertThat(told.deltas).containsExactly(A, B);
        assertThat(told.came).extracting(Usage::output).isEqualTo(2L);
    }

    @Test
    void aLostConnectionIsCut() throws IOException {
        assertThat(replyTo(HEAD + events(A) + "20\r\ndata: {\"cho")).isInstanceOf(Cut.class);

        assertThat(told.deltas).containsExactly(A);
        assertThat(told.came).isNotNull();
    }

    /** It may have thought for long: no output would be too low an estimate. */
    @Test
    void ofWhatIsCutBeforeItsFirstDeltaNothingIsKnown() throws IOException {
        assertThat(replyTo(HEAD + "20\r\ndata: {\"cho")).isInstanceOf(Cut.class);

        assertThat(told.came).isNull();
    }

    /** All of the answer is there, only the end of its framing is not. */
    @Test
    void aWholeStreamWithoutItsFramingsEndIsWhole() throws IOException {
        Answered reply = (Answered) replyTo(HEAD + events(A, END));

        assertThat(reply.answer().mended()).containsExactly("unterminated");
        assertThat(told.closing).containsExactly(END);
    }

    /** A client that stops at the last event never sees that such a server does not. */
    @Test
    @Timeout(50)
    void aServerThatStaysBehindTheLastEventIsNotWaitedFor() throws IOException {
        try (ScriptedServer server =
                        new ScriptedServer(
                                wire -> {
                                    wire.read();
                                    wire.send(HEAD + events(A, END, USAGE, "[DONE]"));
                                    wire.awaitClose();
                                });
                OneEndpoint providers = Calls.providers(new EndpointDraft(server).build())) {
            Answered reply = (Answered) call(providers, Calls.hold());

            assertThat(reply.answer().usage()).isNotNull();
            assertThat(reply.answer().mended()).containsExactly("unterminated");
        }
    }

    @Test
    void anErrorAmongTheEventsIsTheAnswer() throws IOException {
        Answered reply =
                (Answered)
                        replyTo(
                                HEAD
                                        + events(A, "{\"error\":{\"message\":\"key sk-secret\"}}")
                                        + "0\r\n\r\n");

        assertThat(reply.answer().body().text())
                .contains("error")
                .doesNotContain(EndpointDraft.KEY);
        assertThat(told.closing).isEmpty();
        assertThat(told.came).extracting(Usage::output).isEqualTo(1L);
    }

    @Test
    void aWholeAnswerIsOneChunk() throws IOException {
        String body = "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"ab\"}}]}";
        Answered reply =
                (Answered)
                        replyTo(
                                "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s"
                                        .formatted(body.length(), body));

        assertThat(reply.answer().body().text()).isEqualTo(body);
        assertThat(told.deltas).isEmpty();
        assertThat(told.closing)
                .containsExactly("{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"ab\"}}]}");
    }

    @Test
    void anErrorStatusIsReadWhole() throws IOException {
        Answered reply =
                (Answered)
                        replyTo("HTTP/1.1 500 X\r\nContent-Length: 15\r\n\r\ndata: {\"a\":1}\n\n");

        assertThat(reply.answer().status()).isEqualTo(500);
        assertThat(told.deltas).isEmpty();
    }

    @Test
    void silenceAfterADeltaIsAStall() throws IOException {
        try (ScriptedServer server =
                        new ScriptedServer(
                                wire -> {
                                    wire.read();
                                    wire.send(HEAD + events(A));
                                    wire.awaitClose();
                                });
                OneEndpoint providers =
                        Calls.providers(
                                new EndpointDraft(server)
                                        .stallTimeout(Duration.ofMillis(100))
                                        .build())) {

            assertThat(call(providers, Calls.hold())).isInstanceOf(Stalled.class);
            assertThat(told.came).isNotNull();
        }
    }

    @Test
    void aStreamIsGivenUpWhenCancelled() throws IOException {
        var cancellation = new Cancellation();
        try (ScriptedServer server =
                        new ScriptedServer(
                                wire -> {
                                    wire.read();
                                    wire.send(HEAD + events(A));
                                    told.await(1);
                                    cancellation.cancel();
                                    wire.awaitClose();
                                });
                OneEndpoint providers = Calls.providers(new EndpointDraft(server).build())) {
            ProviderReply reply =
                    providers.call(
                            REQUEST, Calls.DISPATCH, Calls.LONG, cancellation, Calls.hold(), told);

            assertThat(reply).isEqualTo(new Cancelled(true));
            assertThat(told.came).isNotNull();
        }
    }

    /** What is kept counts, not what came: an answer has a fraction of its stream's bytes. */
    @Test
    void theLimitIsOfTheAnswer() throws IOException {
        String[] many = new String[400];
        Arrays.fill(many, A);
        String events = HEAD + events(many) + events(END) + "0\r\n\r\n";
        assertThat(events.length()).isGreaterThan(20_000);

        assertThat(replyTo(events, DataSize.ofBytes(20_000))).isInstanceOf(Answered.class);
        assertThat(replyTo(events, DataSize.ofBytes(2_000))).isInstanceOf(TooLarge.class);
        assertThat(replyTo(HEAD + events(delta("x".repeat(30_000))), DataSize.ofBytes(20_000)))
                .isInstanceOf(TooLarge.class);
    }

    /** Though none has more than the shortest. */
    @Test
    void largeDeltasOfOneSizeCount() throws IOException {
        String[] large = new String[10];
        Arrays.fill(large, delta("x".repeat(5_000)));
        String events = HEAD + events(large) + events(END) + "0\r\n\r\n";

        assertThat(replyTo(events, DataSize.ofBytes(20_000))).isInstanceOf(TooLarge.class);
        assertThat(Objects.requireNonNull(told.came).output()).isGreaterThan(1_000);
    }

    @Test
    void memoryIsHeldForWhatIsKeptAndGivenBackWithoutAnAnswer() throws IOException {
        var budget = new ByteBudget(1 << 20, 1);
        try (ScriptedServer server = answering(WHOLE);
                OneEndpoint providers = Calls.providers(new EndpointDraft(server).build())) {
            Hold hold = budget.hold();
            Answered reply = (Answered) call(providers, hold);

            assertThat(budget.answers()).isEqualTo(reply.answer().body().size());
            hold.release();
        }
        try (ScriptedServer server = answering(HEAD + events(A));
                OneEndpoint providers = Calls.providers(new EndpointDraft(server).build())) {
            assertThat(call(providers, budget.hold())).isInstanceOf(Cut.class);
            assertThat(budget.answers()).isZero();
        }
    }

    private ProviderReply replyTo(String raw) throws IOException {
        return replyTo(raw, DataSize.ofMegabytes(1));
    }

    private ProviderReply replyTo(String raw, DataSize limit) throws IOException {
        try (ScriptedServer server = answering(raw);
                OneEndpoint providers = Calls.providers(limit, new EndpointDraft(server).build())) {
            return call(providers, Calls.hold());
        }
    }

    /** One that hangs up after what ends nowhere. */
    private static ScriptedServer answering(String raw) {
        return new ScriptedServer(
                wire -> {
                    while (wire.read() != null) {
                        wire.send(raw);
                        if (!raw.endsWith("0\r\n\r\n")) {
                            return;
                        }
                    }
                });
    }

    private ProviderReply call(OneEndpoint providers, Hold hold) {
        return providers.call(REQUEST, Calls.DISPATCH, Calls.LONG, new Cancellation(), hold, told);
    }

    private static String delta(String text) {
        return "{\"id\":\"c\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%s\"}}]}"
                .formatted(text);
    }

    private static String events(String... data) {
        StringBuilder chunks = new StringBuilder();
        for (String each : data) {
            String event = "data: " + each + "\n\n";
            chunks.append("%x\r\n%s\r\n".formatted(event.length(), event));
        }
        return chunks.toString();
    }

    /** What was told, and a server's way to wait for it. */
    private static final class Told implements DeltaSink {
        private final List<String> deltas = new CopyOnWriteArrayList<>();
        private final List<Map<String, String>> heads = new CopyOnWriteArrayList<>();
        private final List<String> closing = new CopyOnWriteArrayList<>();
        private volatile @Nullable Usage came;

        @Override
        public synchronized void head(Map<String, String> headers) {
            heads.add(headers);
            notifyAll();
        }

        @Override
        public synchronized void delta(byte[] chunk) {
            deltas.add(new String(chunk, UTF_8));
            notifyAll();
        }

        @Override
        public void closing(List<byte[]> chunks) {
            chunks.forEach(each -> closing.add(new String(each, UTF_8)));
        }

        @Override
        public void cut(Usage usage) {
            came = usage;
        }

        void await(int count) throws IOException {
            await(deltas, count);
        }

        synchronized void await(List<?> those, int count) throws IOException {
            try {
                while (those.size() < count) {
                    wait();
                }
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
    }
}
