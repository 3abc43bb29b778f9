package dev.gantry.provider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Adaptation;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.Cancellation;
import dev.gantry.inference.Dialect;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Trace;
import dev.gantry.operation.Operations;
import dev.gantry.provider.ProviderReply.Answered;
import dev.gantry.provider.ProviderReply.TooLarge;
import dev.gantry.provider.ProviderReply.Unreachable;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.util.unit.DataSize;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

class AnsweredCallTest {
    private static final String COMPLETION =
            """
            {"id":"chatcmpl-1","model":"small-0925","choices":[{"index":0,"finish_reason":"stop"}],
            "usage":{"prompt_tokens":9,"completion_tokens":3}}""";

    @Test
    void carriesStatusHeadersAndFacts() throws IOException {
        try (ScriptedServer server =
                        new ScriptedServer(
                                wire -> {
                                    wire.read();
                                    wire.answer(
                                            200, COMPLETION, "X-Request-ID: req-7", "A: 1", "a: 2");
                                });
                OneEndpoint providers = Calls.providers(new EndpointDraft(server).build())) {

            Answered reply = (Answered) Calls.call(providers);

            assertThat(reply.answer().status()).isEqualTo(200);
            assertThat(reply.answer().requestId()).isEqualTo("req-7");
            assertThat(reply.answer().responseId()).isEqualTo("chatcmpl-1");
            assertThat(reply.answer().modelServed()).isEqualTo("small-0925");
            assertThat(reply.answer().finishReason()).isEqualTo("stop");
            assertThat(reply.answer().usage())
                    .extracting("input", "output")
                    .containsExactly(9L, 3L);
            assertThat(reply.answer().body().text()).isEqualTo(COMPLETION.replace('\n', ' '));
            assertThat(reply.headers())
                    .containsEntry("x-request-id", "req-7")
                    .containsEntry("a", "1");
        }
    }

    @Test
    void ourOwnKeyIsBlankedWhereTheProviderEchoesIt() throws IOException {
        String body = "{\"error\":{\"message\":\"Incorrect key sk-secret, n\\u00e9 1.50\"}}";
        try (ScriptedServer server = ScriptedServer.answering(body);
                OneEndpoint providers = Calls.providers(new EndpointDraft(server).build())) {

            Answered reply = (Answered) Calls.call(providers);

            assertThat(reply.answer().body().text())
                    .isEqualTo(body.replace("sk-secret", "*********"));
        }
    }

    @Test
    void aGoodAnswerKeepsEveryByte() throws IOException {
        String body = "{\"choices\":[{\"message\":{\"content\":\"You may ask sk-secret.\"}}]}";
        try (ScriptedServer server = ScriptedServer.answering(body);
                OneEndpoint providers = Calls.providers(new EndpointDraft(server).build())) {

            Answered reply = (Answered) Calls.call(providers);

            assertThat(reply.answer().body().text()).isEqualTo(body);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ANTHROPIC, x-api-key, /v1/messages, 2023-06-01, 2024-01-01",
        "GEMINI, x-goog-api-key, /v1/models/small:generateContent, -, 2024-01-01"
    })
    void speaksTheEndpointsDialect(
            Dialect dialect, String key, String path, String version, String configured)
            throws Exception {
        String body = "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"max_tokens\":9}";
        try (ScriptedServer server = ScriptedServer.answering("{}")) {
            EndpointDraft draft =
                    new EndpointDraft(server).dialect(dialect).auth(new Endpoint.Auth.Header(key));
            InferenceRequest request = Calls.request(Operations.CHAT, body, Trace.NONE);
            for (Map<String, String> headers :
                    List.of(Map.<String, String>of(), Map.of("Anthropic-Version", configured))) {
                try (OneEndpoint provider = Calls.providers(draft.headers(headers).build())) {
                    provider.call(
                            request,
                            limited(),
                            Calls.LONG,
                            new Cancellation(),
                            Calls.hold(),
                            DeltaSink.NONE);
                }

                ScriptedServer.Request sent = server.request();
                assertThat(sent.line()).isEqualTo("POST " + path + " HTTP/1.1");
                assertThat(sent.headers())
                        .containsEntry(key, EndpointDraft.KEY)
                        .doesNotContainKey("authorization");
                assertThat(sent.headers().getOrDefault("anthropic-version", "-"))
                        .isEqualTo(headers.isEmpty() ? version : configured);
            }
        }
    }

    private static Attempt.Dispatch limited() {
        Attempt.Dispatch plain = Calls.DISPATCH;
        return new Attempt.Dispatch(
                plain.id(),
                plain.kind(),
                plain.lane(),
                new Adaptation("small", new Adaptation.OutputLimit("max_tokens", 9), List.of()),
                plain.reason(),
                plain.startedAt(),
                plain.deadline(),
                plain.projectedInput(),
                plain.projectedOutput(),
                plain.step(),
                plain.assignment());
    }

    @Test
    void sendsWhatTheServerNeedsAndNothingElse() throws IOException, InterruptedException {
        try (ScriptedServer server = ScriptedServer.answering("{}");
                OneEndpoint providers = Calls.providers(new EndpointDraft(server).build())) {

            Calls.call(providers);

            ScriptedServer.Request request = server.request();
            assertThat(request.line()).isEqualTo("POST /v1/chat/completions HTTP/1.1");
            assertThat(request.body()).isEqualTo(Calls.BODY.replace("}", ",\"stream\":false}"));
            assertThat(request.headers())
                    .containsExactlyInAnyOrderEntriesOf(
                            Map.of(
                                    "host", "127.0.0.1:" + server.port(),
                                    "content-type", "application/json",
                                    "content-length", "" + request.body().length(),
                                    "accept", "application/json",
                                    "accept-encoding", "identity",
                                    "user-agent", "gantry",
                                    "authorization", "Bearer sk-secret",
                                    "x-client-request-id", Calls.ATTEMPT.value()));
        }
    }

    @Test
    void embeddingsGoToTheirOwnPathBelowAnyBase() throws IOException, InterruptedException {
        try (ScriptedServer server = ScriptedServer.answering("{}");
                OneEndpoint providers =
                        Calls.providers(
                                new EndpointDraft(
                                                URI.create(
                                                        "http://localhost:%d/deep/er/?version=3"
                                                                .formatted(server.port())))
                                        .build())) {

            providers.call(
                    Calls.request(Operations.EMBEDDINGS, Calls.BODY, Trace.NONE),
                    Calls.DISPATCH,
                    Calls.LONG,
                    new Cancellation(),
                    Calls.hold(),
                    DeltaSink.NONE);

            assertThat(server.request().line())
                    .isEqualTo("POST /deep/er/embeddings?version=3 HTTP/1.1");
        }
    }

    @Test
    void theKeyTravelsAsTheAuthStyleSays() throws IOException, InterruptedException {
        try (ScriptedServer server = ScriptedServer.answering("{}")) {
            Endpoint named =
                    new EndpointDraft(server).auth(new Endpoint.Auth.Header("api-key")).build();
            Endpoint none = new EndpointDraft(server).auth(new Endpoint.Auth.None()).build();

            try (OneEndpoint providers = Calls.providers(named)) {
                Calls.call(providers);
            }
            try (OneEndpoint providers = Calls.providers(none)) {
                Calls.call(providers);
            }

            assertThat(server.request().headers())
                    .containsEntry("api-key", "sk-secret")
                    .doesNotContainKey("authorization");
            assertThat(server.request().headers().values())
                    .noneMatch(value -> value.contains("sk-secret"));
        }
    }

    @Test
    void withoutItsKeyNothingIsSent() throws IOException {
        try (ScriptedServer server = ScriptedServer.answering("{}");
                OneEndpoint providers =
                        Calls.providers(new EndpointDraft(server).key("").build())) {

            ProviderReply reply = Calls.call(providers);

            assertThat(reply).isInstanceOf(Unreachable.class);
            assertThat(server.connections()).isZero();
        }
    }

    @Test
    void aRefusedKeyIsReadAgainFromItsFile(@TempDir Path folder)
            throws IOException, InterruptedException {
        Path file = Files.writeString(folder.resolve("key"), "old\n");
        try (ScriptedServer server =
                        new ScriptedServer(
                                wire -> {
                                    for (var next = wire.read(); next != null; next = wire.read()) {
                                        boolean fresh =
                                                "Bearer new"
                                                        .equals(
                                                                next.headers()
                                                                        .get("authorization"));
                                        wire.answer(fresh ? 200 : 401, "{}");
                                    }
                                });
                OneEndpoint providers =
                        Calls.providers(new EndpointDraft(server).keyFile(file).build())) {

            Answered before = (Answered) Calls.call(providers);
            Files.writeString(file, "new\n");
            Answered after = (Answered) Calls.call(providers);

            assertThat(before.answer().status()).isEqualTo(401);
            assertThat(after.answer().status()).isEqualTo(200);
        }
    }

    @Test
    void extraHeadersAreSentAndWinOverDefaults() throws IOException, InterruptedException {
        try (ScriptedServer server = ScriptedServer.answering("{}");
                OneEndpoint providers =
                        Calls.providers(
                                new EndpointDraft(server)
                                        .headers(Map.of("X-Team", "blue", "User-Agent", "mine"))
                                        .build())) {

            Calls.call(providers);

            assertThat(server.request().headers())
                    .containsEntry("x-team", "blue")
                    .containsEntry("user-agent", "mine");
        }
    }

    @Test
    void theTraceTravelsOnlyWhereItMay() throws IOException, InterruptedException {
        Trace trace = new Trace("00-4bf9-00f0-01", "a=b\r\nX-Forged: 1");
        try (ScriptedServer server = ScriptedServer.answering("{}")) {
            Endpoint telling = new EndpointDraft(server).propagateTrace().build();
            Endpoint silent = new EndpointDraft(server).build();

            call(telling, trace);
            call(silent, trace);

            assertThat(server.request().headers())
                    .containsEntry("traceparent", "00-4bf9-00f0-01")
                    .doesNotContainKeys("tracestate", "x-forged", "baggage");
            assertThat(server.request().headers()).doesNotContainKey("traceparent");
        }
    }

    @Test
    void redirectsAreAnswersAndCookiesAreForgotten() throws IOException, InterruptedException {
        try (ScriptedServer server =
                        new ScriptedServer(
                                wire -> {
                                    while (wire.read() != null) {
                                        wire.answer(307, "", "Location: /v2", "Set-Cookie: a=b");
                                    }
                                });
                OneEndpoint providers = Calls.providers(new EndpointDraft(server).build())) {

            Answered reply = (Answered) Calls.call(providers);
            Calls.call(providers);

            assertThat(reply.answer().status()).isEqualTo(307);
            server.request();
            assertThat(server.request().headers()).doesNotContainKey("cookie");
            assertThat(server.sawNothing()).isTrue();
            assertThat(server.connections()).isOne();
        }
    }

    @Test
    void chunkedAndUnframedAndEmptyAnswersAreRead() throws IOException {
        String chunked = "Transfer-Encoding: chunked\r\n\r\n2\r\n{\"\r\n5\r\na\":1}\r\n0\r\n\r\n";
        String early = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\n";

        assertThat(bodyOf("HTTP/1.1 200 OK\r\n" + chunked)).isEqualTo("{\"a\":1}");
        assertThat(bodyOf(early + "HTTP/1.1 200 OK\r\n" + chunked)).isEqualTo("{\"a\":1}");
        assertThat(bodyOf("HTTP/1.0 200 OK\r\n\r\n{\"b\":2}")).isEqualTo("{\"b\":2}");
        assertThat(bodyOf("HTTP/1.1 204 No Content\r\n\r\n")).isEmpty();
    }

    @Test
    void anAnswerOverTheLimitIsNotRead() throws IOException {
        String announced = "HTTP/1.1 200 OK\r\nContent-Length: 1025\r\n\r\n" + "x".repeat(1025);
        String chunked =
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n401\r\n" + "x".repeat(1025);
        String fits = "HTTP/1.1 200 OK\r\nContent-Length: 1024\r\n\r\n" + "x".repeat(1024);

        assertThat(Calls.replyTo(announced, DataSize.ofKilobytes(1), Map.of()))
                .isEqualTo(new TooLarge(200, 1024));
        assertThat(Calls.replyTo(chunked, DataSize.ofKilobytes(1), Map.of()))
                .isEqualTo(new TooLarge(200, 1024));
        assertThat(Calls.replyTo(fits, DataSize.ofKilobytes(1), Map.of()))
                .isInstanceOf(Answered.class);
    }

    @Test
    void anEarlyRefusalOfALargeBodyIsHeard() throws IOException {
        String large = "{\"model\":\"small\",\"input\":\"" + "x".repeat(8_000_000) + "\"}";
        try (ScriptedServer server =
                        new ScriptedServer(
                                wire -> {
                                    wire.head();
                                    wire.answer(413, "{\"error\":1}", "Connection: close");
                                });
                OneEndpoint providers = Calls.providers(new EndpointDraft(server).build())) {

            ProviderReply reply =
                    providers.call(
                            Calls.request(Operations.CHAT, large, Trace.NONE),
                            Calls.DISPATCH,
                            Calls.LONG,
                            new Cancellation(),
                            Calls.hold(),
                            DeltaSink.NONE);

            assertThat(reply)
                    .isInstanceOfSatisfying(
                            Answered.class,
                            answered -> assertThat(answered.answer().status()).isEqualTo(413));
        }
    }

    private static void call(Endpoint endpoint, Trace trace) {
        try (OneEndpoint providers = Calls.providers(endpoint)) {
            providers.call(
                    Calls.request(Operations.CHAT, Calls.BODY, trace),
                    Calls.DISPATCH,
                    Calls.LONG,
                    new Cancellation(),
                    Calls.hold(),
                    DeltaSink.NONE);
        }
    }

    private static String bodyOf(String raw) throws IOException {
        return ((Answered) Calls.replyTo(raw, DataSize.ofKilobytes(1), Map.of()))
                .answer()
                .body()
                .text();
    }
}
