package dev.gantry.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gantry.inference.Cancellation;
import dev.gantry.provider.ProviderReply.Answered;
import dev.gantry.provider.ProviderReply.Obstacle;
import dev.gantry.provider.ProviderReply.Unreachable;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.unit.DataSize;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;

@Timeout(120)
class TlsAndProxyTest {
    private static TestCertificate certificate;

    private final ScriptedServer.Script answering =
            wire -> {
                while (wire.read() != null) {
                    wire.answer(200, "{\"id\":\"from-server\"}");
                }
            };

    @BeforeAll
    static void make(@TempDir Path folder)
            throws IOException, InterruptedException, GeneralSecurityException {
        certificate = TestCertificate.of(folder, "dns:localhost");
    }

    @Test
    void aBundleThatTrustsTheServerReachesIt() throws IOException {
        try (ScriptedServer server = secured(answering);
                OneEndpoint providers = providers(draft(server, "localhost").sslBundle("mine"))) {

            Calls.call(providers);

            assertThat(Calls.call(providers)).isInstanceOf(Answered.class);
            assertThat(server.connections()).isOne();
        }
    }

    @Test
    void anUntrustedServerGetsNothing() throws IOException {
        try (ScriptedServer server = secured(answering);
                OneEndpoint providers = providers(draft(server, "localhost"))) {

            Unreachable reply = (Unreachable) Calls.call(providers);

            assertThat(reply.obstacle()).isEqualTo(Obstacle.TLS);
            assertThat(server.sawNothing()).isTrue();
        }
    }

    @Test
    void aCertificateForAnotherHostIsRefused() throws IOException {
        try (ScriptedServer server = secured(answering);
                OneEndpoint providers = providers(draft(server, "127.0.0.1").sslBundle("mine"))) {

            Unreachable reply = (Unreachable) Calls.call(providers);

            assertThat(reply.obstacle()).isEqualTo(Obstacle.TLS);
        }
    }

    @Test
    void aServerThatSpeaksNoTlsIsATlsObstacle() throws IOException {
        try (ScriptedServer server =
                        new ScriptedServer(wire -> wire.send("HTTP/1.1 400 Bad\r\n\r\n"));
                OneEndpoint providers = providers(draft(server, "localhost"))) {

            Unreachable reply = (Unreachable) Calls.call(providers);

            assertThat(reply.obstacle()).isEqualTo(Obstacle.TLS);
        }
    }

    @Test
    void aSilentHandshakeCountsAsConnecting() throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.Wire::awaitClose);
                OneEndpoint providers =
                        providers(
                                draft(server, "localhost")
                                        .connectTimeout(Duration.ofMillis(200)))) {

            Unreachable reply = (Unreachable) Calls.call(providers);

            assertThat(reply.obstacle()).isEqualTo(Obstacle.CONNECT_TIMEOUT);
        }
    }

    @Test
    void theTimeLimitEndsASecuredCallToo() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        try (ScriptedServer server =
                        secured(
                                wire -> {
                                    wire.read();
                                    wire.awaitClose();
                                    closed.countDown();
                                });
                OneEndpoint providers = providers(draft(server, "localhost").sslBundle("mine"))) {
            Calls.assertTimesOutSent(
                    Duration.ofSeconds(1),
                    limit -> Calls.call(providers, limit, new Cancellation()));

            closed.await();
        }
    }

    @Test
    void anUnknownBundleStopsTheStart() throws IOException {
        try (ScriptedServer server = secured(answering)) {
            EndpointDraft draft = draft(server, "localhost").sslBundle("other");

            assertThatThrownBy(() -> providers(draft)).hasMessageContaining("other");
        }
    }

    @Test
    void aProxyIsAskedForThePlainAddress() throws IOException, InterruptedException {
        try (ScriptedServer proxy = ScriptedServer.answering("{}");
                OneEndpoint providers =
                        providers(
                                new EndpointDraft(URI.create("http://model.invalid:81/v1"))
                                        .proxy(address(proxy)))) {

            ProviderReply reply = Calls.call(providers);

            assertThat(reply).isInstanceOf(Answered.class);
            ScriptedServer.Request request = proxy.request();
            assertThat(request.line())
                    .isEqualTo("POST http://model.invalid:81/v1/chat/completions HTTP/1.1");
            assertThat(request.headers()).containsEntry("host", "model.invalid:81");
        }
    }

    @Test
    void aProxyIsPassedByATunnelThatHidesTheKey() throws IOException, InterruptedException {
        try (ScriptedServer server = secured(answering);
                ScriptedServer proxy = new ScriptedServer(wire -> tunnel(wire, server.port()));
                OneEndpoint providers =
                        providers(
                                draft(server, "localhost")
                                        .sslBundle("mine")
                                        .proxy(address(proxy)))) {

            ProviderReply first = Calls.call(providers);
            ProviderReply second = Calls.call(providers);

            assertThat(first).isInstanceOf(Answered.class);
            assertThat(second).isInstanceOf(Answered.class);
            ScriptedServer.Request connect = proxy.request();
            assertThat(connect.line())
                    .isEqualTo("CONNECT localhost:%d HTTP/1.1".formatted(server.port()));
            assertThat(connect.headers()).containsOnlyKeys("host");
            assertThat(proxy.connections()).isOne();
        }
    }

    @Test
    void aProxyThatRefusesIsAnObstacle() throws IOException {
        try (ScriptedServer proxy =
                        new ScriptedServer(
                                wire -> {
                                    wire.read();
                                    wire.answer(407, "no");
                                });
                OneEndpoint providers =
                        providers(
                                new EndpointDraft(URI.create("https://model.invalid/v1"))
                                        .proxy(address(proxy)))) {

            Unreachable reply = (Unreachable) Calls.call(providers);

            assertThat(reply.obstacle()).isEqualTo(Obstacle.OTHER);
            assertThat(reply.message()).contains("proxy").contains("407");
        }
    }

    @Test
    void aProxyAddressOfAnotherKindStopsTheStart() {
        EndpointDraft draft =
                new EndpointDraft(URI.create("https://model.invalid/v1"))
                        .proxy(URI.create("socks5://user:pw@proxy:1080"));

        assertThatThrownBy(() -> providers(draft))
                .hasMessageContaining("provider sim:main: proxy")
                .hasMessageNotContaining("pw");
    }

    private static void tunnel(ScriptedServer.Wire wire, int port) throws IOException {
        wire.read();
        try (Socket target = new Socket(InetAddress.getLoopbackAddress(), port)) {
            wire.send("HTTP/1.1 200 Connection established\r\n\r\n");
            Thread.ofVirtual().start(() -> pump(target, wire.socket()));
            pump(wire.socket(), target);
        }
    }

    private static void pump(Socket from, Socket to) {
        try (InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            in.transferTo(out);
        } catch (IOException e) {
            // One side has gone; closing the other is what follows anyway.
        }
    }

    private static ScriptedServer secured(ScriptedServer.Script script) throws IOException {
        return new ScriptedServer(ScriptedServer.secured(certificate.server()), script);
    }

    private static URI address(ScriptedServer proxy) {
        return URI.create("http://127.0.0.1:" + proxy.port());
    }

    private static EndpointDraft draft(ScriptedServer server, String host) {
        return new EndpointDraft(URI.create("https://" + host + ":" + server.port() + "/v1"));
    }

    private static OneEndpoint providers(EndpointDraft draft) {
        Endpoint endpoint = draft.build();
        Providers all =
                new Providers(
                        List.of(endpoint),
                        new TransportSettings(DataSize.ofMegabytes(1)),
                        name -> {
                            if (!name.equals("mine")) {
                                throw new IllegalArgumentException("no bundle " + name);
                            }
                            return certificate.trusting();
                        });
        return new OneEndpoint(all, endpoint);
    }
}
