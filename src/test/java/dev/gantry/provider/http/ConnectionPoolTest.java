package dev.gantry.provider.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.memory.ByteBudget;
import dev.gantry.testbed.Await;

import org.apache.hc.core5.http.HttpException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

class ConnectionPoolTest {
    private static final Duration IDLE = Duration.ofSeconds(4);

    private final AtomicLong nanoTime = new AtomicLong(Long.MAX_VALUE - 5);
    private final CallGuard guard = new CallGuard();
    private final ServerSocket listener;
    private final ConnectionPool pool;

    ConnectionPoolTest() throws IOException {
        listener = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
        Site site = new Site(false, "127.0.0.1", listener.getLocalPort(), null);
        pool = new ConnectionPool(new Connector(site, Duration.ofSeconds(10), null), nanoTime::get);
    }

    @BeforeEach
    void tick() {
        pass(Duration.ofMillis(1));
    }

    @AfterEach
    void close() throws IOException {
        pool.close();
        listener.close();
    }

    @Test
    void theLatestIsUsedFirst() throws Unconnected {
        Connection first = pool.lease(guard);
        Connection second = pool.lease(guard);
        pool.giveBack(first, IDLE);
        pool.giveBack(second, IDLE);

        assertThat(pool.lease(guard)).isSameAs(second);
        assertThat(pool.lease(guard)).isSameAs(first);
        assertThat(pool.lease(guard).reused()).isFalse();
    }

    @Test
    void anIdleConnectionIsReusedWhileItStands() throws Unconnected {
        Connection connection = pool.lease(guard);
        pool.giveBack(connection, IDLE);
        pass(Duration.ofSeconds(2));

        Connection next = pool.lease(guard);

        assertThat(next).isSameAs(connection);
        assertThat(next.reused()).isTrue();
    }

    @Test
    void aConnectionClosedByTheServerIsFoundOut() throws Exception {
        Connection connection = pool.lease(guard);
        Socket server = listener.accept();
        pool.giveBack(connection, IDLE);
        server.close();
        Await.until("that has come", () -> !connection.quiet());
        pass(Duration.ofSeconds(2));

        assertThat(pool.lease(guard)).isNotSameAs(connection);
    }

    @Test
    void aConnectionThatSpokeUnaskedIsNotTrusted() throws Exception {
        Connection connection = pool.lease(guard);
        Socket server = listener.accept();
        pool.giveBack(connection, IDLE);
        server.getOutputStream().write("HTTP/1.1 408 T\r\n\r\n".getBytes(StandardCharsets.UTF_8));
        Await.until("that has come", connection::unread);
        pass(Duration.ofSeconds(2));

        assertThat(pool.lease(guard)).isNotSameAs(connection);
        server.close();
    }

    @Test
    void aConnectionWithLeftOverBytesIsNotReusedEvenAtOnce()
            throws Unconnected, IOException, HttpException {
        Connection connection = pool.lease(guard);
        Socket server = listener.accept();
        String answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
        server.getOutputStream().write((answer + answer).getBytes(StandardCharsets.UTF_8));
        Incoming incoming = connection.receive("POST");
        new BodyReading(incoming.body(), unbounded(connection), () -> {})
                .read(incoming.announced(), 10);
        pool.giveBack(connection, IDLE);

        assertThat(pool.lease(guard)).isNotSameAs(connection);
        server.close();
    }

    private Reservation unbounded(Connection connection) {
        return new Reservation(
                ByteBudget.boundless().hold(),
                guard,
                new Countdown(() -> false, IDLE, () -> {}),
                connection);
    }

    @Test
    void afterOneWasFoundDeadTheOthersAreLookedAt() throws Exception {
        Connection dead = pool.lease(guard);
        Socket server = listener.accept();
        pool.giveBack(dead, IDLE);
        server.close();
        Await.until("that has come", () -> !dead.quiet());
        pass(Duration.ofMillis(10));

        pool.suspect();

        assertThat(pool.lease(guard)).isNotSameAs(dead);
    }

    @Test
    void anOldConnectionIsClosedUnused() throws Unconnected, IOException {
        Connection connection = pool.lease(guard);
        Socket server = listener.accept();
        pool.giveBack(connection, IDLE);
        pass(IDLE);

        pool.evict();

        assertThat(server.getInputStream().read()).isEqualTo(-1);
        assertThat(pool.lease(guard)).isNotSameAs(connection);
        server.close();
    }

    @Test
    void aConnectionGivenBackAfterTheEndIsClosed() throws Unconnected, IOException {
        Connection connection = pool.lease(guard);
        Socket server = listener.accept();
        pool.close();

        pool.giveBack(connection, IDLE);

        assertThat(server.getInputStream().read()).isEqualTo(-1);
        server.close();
    }

    private void pass(Duration time) {
        nanoTime.addAndGet(time.toNanos());
    }
}
