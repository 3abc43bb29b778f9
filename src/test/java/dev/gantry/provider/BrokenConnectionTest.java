package dev.gantry.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.inference.Cancellation;
import dev.gantry.provider.ProviderReply.Answered;
import dev.gantry.provider.ProviderReply.Cut;
import dev.gantry.provider.ProviderReply.Obstacle;
import dev.gantry.provider.ProviderReply.Stalled;
import dev.gantry.provider.ProviderReply.TimedOut;
import dev.gantry.provider.ProviderReply.Unreachable;
import dev.gantry.testbed.Ports;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.time.Duration;
import java.util.Map;

class BrokenConnectionTest {
    @Test
    void aClosedPortRefuses() throws IOException {
        int port = Ports.free();

        Unreachable reply = (Unreachable) call("http://127.0.0.1:" + port + "/v1");

        assertThat(reply.obstacle()).isEqualTo(Obstacle.REFUSED);
        assertThat(reply.message()).contains("127.0.0.1:" + port);
    }

    @Test
    void anUnknownHostIsNamed() {
        Unreachable reply = (Unreachable) call("http://no-such-host.invalid/v1");

        assertThat(reply.obstacle()).isEqualTo(Obstacle.UNKNOWN_HOST);
        assertThat(reply.message()).contains("no-such-host.invalid");
    }

    @Test
    void aSilentHostTimesOutConnecting() throws IOException {
        try (FullHouse house = new FullHouse();
                OneEndpoint providers =
                        Calls.providers(
                                new EndpointDraft(house.baseUrl())
                                        .connectTimeout(Duration.ofMillis(200))
                                        .build())) {

            ProviderReply reply = Calls.call(providers);

            assertThat(reply)
                    .isInstanceOfSatisfying(
                            Unreachable.class,
                            it -> assertThat(it.obstacle()).isEqualTo(Obstacle.CONNECT_TIMEOUT));
        }
    }

    @Test
    void aCutBeforeTheAnswerSaysSo() throws IOException {
        Cut reply = (Cut) Calls.replyTo("");

        assertThat(reply.reused()).isFalse();
        assertThat(reply.answerBegun()).isFalse();
        assertThat(reply.sinceWritten()).isPositive().isLessThan(Calls.LONG);
        assertThat(reply.message()).isEqualTo("closed without an answer");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"half\":",
                "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{\"half\":",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz secret\r\nhello",
                "HTTP/1.1 200 OK\r\nContent-Le",
                "SSH-2.0-OpenSSH_9.6\r\n",
                "HTTP/1.1 200 OK\r\nContent-Length: secret\r\n\r\n",
                "HTTP/1.1 200 OK\r\nsecret\r\n\r\n",
            })
    void aBrokenAnswerIsACutAfterItsBegin(String raw) throws IOException {
        Cut reply = (Cut) Calls.replyTo(raw);

        assertThat(reply.reused()).isFalse();
        assertThat(reply.answerBegun()).isTrue();
        assertThat(reply.message()).isNotBlank().doesNotContain("secret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"half\":",
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
                "HTTP/1.1 200 OK\r\n\r\n{"
            })
    void anAnswerThatFallsSilentIsGivenUp(String raw) throws IOException {
        ProviderReply reply = silentAfter(raw, Duration.ofMillis(100), Calls.LONG);

        assertThat(reply).isEqualTo(new Stalled(Duration.ofMillis(100)));
    }

    /** Before the first byte of the body a model may still think. */
    @Test
    void silenceBeforeTheAnswerIsNoStall() throws IOException {
        String head = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n";

        ProviderReply reply = silentAfter(head, Duration.ofMillis(10), Duration.ofMillis(500));

        assertThat(reply).isInstanceOf(TimedOut.class);
    }

    /** All of it is there; only the end of its framing is not. */
    @Test
    void aWholeAnswerThatFallsSilentIsWhole() throws IOException {
        ProviderReply reply =
                silentAfter("HTTP/1.1 200 OK\r\n\r\n{}", Duration.ofMillis(100), Calls.LONG);

        assertThat(reply).isInstanceOf(Answered.class);
    }

    private static ProviderReply silentAfter(String raw, Duration stall, Duration timeout)
            throws IOException {
        try (ScriptedServer server =
                        new ScriptedServer(
                                wire -> {
                                    wire.read();
                                    wire.send(raw);
                                    wire.awaitClose();
                                });
                OneEndpoint providers =
                        Calls.providers(new EndpointDraft(server).stallTimeout(stall).build())) {
            return Calls.call(providers, timeout, new Cancellation());
        }
    }

    @Test
    void anEndlessHeadIsGivenUp() throws IOException {
        String endless = "HTTP/1.1 200 OK\r\n" + "X-A: b\r\n".repeat(1000);
        String wide = "HTTP/1.1 200 OK\r\nX-A: " + "b".repeat(100_000);
        String informed = "HTTP/1.1 103 Hints\r\n\r\n".repeat(100);

        assertThat(Calls.replyTo(endless)).isInstanceOf(Cut.class);
        assertThat(Calls.replyTo(wide)).isInstanceOf(Cut.class);
        assertThat(Calls.replyTo(informed)).isInstanceOf(Cut.class);
    }

    @Test
    void aCutReusedConnectionIsToldFromANewOne() throws IOException {
        try (ScriptedServer server =
                        new ScriptedServer(
                                wire -> {
                                    wire.read();
                                    wire.answer(200, "{}");
                                    wire.read();
                                });
                OneEndpoint providers = Calls.providers(new EndpointDraft(server).build())) {

            ProviderReply first = Calls.call(providers);
            ProviderReply second = Calls.call(providers);

            assertThat(first).isInstanceOf(Answered.class);
            assertThat(second)
                    .isInstanceOfSatisfying(
                            Cut.class,
                            cut -> {
                                assertThat(cut.reused()).isTrue();
                                assertThat(cut.answerBegun()).isFalse();
                            });
            assertThat(server.connections()).isOne();
        }
    }

    @Test
    void aResetIsACut() throws IOException {
        try (ScriptedServer server =
                        new ScriptedServer(
                                wire -> {
                                    wire.read();
                                    wire.socket().setOption(StandardSocketOptions.SO_LINGER, 0);
                                });
                OneEndpoint providers = Calls.providers(new EndpointDraft(server).build())) {

            assertThat(Calls.call(providers)).isInstanceOf(Cut.class);
        }
    }

    @Test
    void aConnectionTheServerWantsClosedIsNotReused() throws IOException {
        try (ScriptedServer server =
                        new ScriptedServer(
                                wire -> {
                                    while (wire.read() != null) {
                                        wire.answer(200, "{}", "Connection: close");
                                    }
                                });
                OneEndpoint providers = Calls.providers(new EndpointDraft(server).build())) {

            Calls.call(providers);
            Calls.call(providers);

            assertThat(server.connections()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"ftp://host/v1", "http://user:pw@host/v1", "http:///v1", "http://a_b/v1"})
    void anAddressThatCannotBeUsedIsRefusedAtOnce(String url) {
        Endpoint endpoint = new EndpointDraft(URI.create(url)).build();

        assertThatThrownBy(() -> Calls.providers(endpoint))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("provider sim:main: base-url")
                .hasMessageNotContaining("pw");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length", "Host", "bad name", "X-Client-Request-Id"})
    void aHeaderThatMayNotBeSetIsRefusedAtOnce(String name) throws IOException {
        try (ScriptedServer server = ScriptedServer.answering("{}")) {
            Endpoint endpoint = new EndpointDraft(server).headers(Map.of(name, "secret")).build();

            assertThatThrownBy(() -> Calls.providers(endpoint))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(name)
                    .hasMessageNotContaining("secret");
        }
    }

    private static ProviderReply call(String baseUrl) {
        try (OneEndpoint providers =
                Calls.providers(new EndpointDraft(URI.create(baseUrl)).build())) {
            return Calls.call(providers);
        }
    }
}
