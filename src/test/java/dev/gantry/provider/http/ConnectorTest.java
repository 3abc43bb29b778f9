package dev.gantry.provider.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.gantry.provider.FullHouse;
import dev.gantry.provider.ProviderReply.Obstacle;
import dev.gantry.testbed.Await;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import javax.net.ssl.SSLContext;

/** One name, several addresses: all on the loopback network, where each is an address of ours. */
class ConnectorTest {
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    private final CallGuard guard = new CallGuard();
    private final List<AutoCloseable> opened = new ArrayList<>();

    /** No failure is forgotten. */
    private final AddressOrder order = new AddressOrder(() -> 0);

    private final ServerSocket listener = listen("127.0.0.1", 0);

    ConnectorTest() throws IOException {}

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
    }

    @Test
    void connectionsSpreadOverAllAddresses() throws Exception {
        ServerSocket second = listen("127.0.0.2", listener.getLocalPort());
        Connector connector = connector(TIMEOUT, "127.0.0.1", "127.0.0.2");

        Set<ServerSocket> reached = ConcurrentHashMap.newKeySet();
        for (ServerSocket each : List.of(listener, second)) {
            Thread.ofVirtual().start(() -> closeFirst(each, reached));
        }

        // Each has its turn; on a busy machine the second may overtake the first.
        Await.until(
                "all are reached",
                () -> {
                    literals("127.0.0.1", "127.0.0.2").forEach(order::connected);
                    opened.add(connector.open(guard));
                    return reached.size() == 2;
                });
    }

    @Test
    void aSilentAddressIsOvertakenAndComesLastFromThenOn() throws Exception {
        opened.add(new FullHouse(InetAddress.ofLiteral("127.0.0.2"), listener.getLocalPort()));
        Connector connector = connector(TIMEOUT, "127.0.0.2", "127.0.0.1");

        opened.add(connector.open(guard));

        opened.add(listener.accept());
        assertThat(firstTried("127.0.0.2", "127.0.0.1")).isEqualTo("127.0.0.1");
        assertThat(firstTried("127.0.0.2", "127.0.0.1")).isEqualTo("127.0.0.1");
    }

    @Test
    void anAddressThatRefusesIsPassedAtOnce() throws Exception {
        Connector connector = connector(TIMEOUT, "127.0.0.3", "127.0.0.4", "127.0.0.1");

        opened.add(connector.open(guard));

        opened.add(listener.accept());
        assertThat(firstTried("127.0.0.3", "127.0.0.4", "127.0.0.1")).isEqualTo("127.0.0.1");
    }

    @ParameterizedTest(name = "{0} ms left, {1} addresses still to be tried: the next after {2} ms")
    @CsvSource({"10000, 1, 250", "500, 1, 250", "240, 1, 120", "240, 2, 80", "0, 3, 0"})
    void aShortTimeLimitIsShared(long left, int waiting, long delay) {
        long nanos = ConnectRace.delay(Duration.ofMillis(left).toNanos(), waiting);

        assertThat(Duration.ofNanos(nanos)).isEqualTo(Duration.ofMillis(delay));
    }

    @Test
    void allAddressesRefusingIsRefused() throws Exception {
        Connector connector = connector(TIMEOUT, "127.0.0.3", "127.0.0.4");

        assertThat(obstacle(connector)).isEqualTo(Obstacle.REFUSED);
    }

    @Test
    void allAddressesSilentIsATimeout() throws Exception {
        int port = listener.getLocalPort();
        opened.add(new FullHouse(InetAddress.ofLiteral("127.0.0.2"), port));
        opened.add(new FullHouse(InetAddress.ofLiteral("127.0.0.3"), port));
        Connector connector = connector(Duration.ofMillis(300), "127.0.0.2", "127.0.0.3");

        assertThat(obstacle(connector)).isEqualTo(Obstacle.CONNECT_TIMEOUT);
    }

    @Test
    void aNameWithoutAddressesIsUnknown() throws Exception {
        assertThat(obstacle(connector(TIMEOUT))).isEqualTo(Obstacle.UNKNOWN_HOST);
    }

    @Test
    void endingTheCallEndsTheRace() throws Exception {
        int port = listener.getLocalPort();
        opened.add(new FullHouse(InetAddress.ofLiteral("127.0.0.2"), port));
        opened.add(new FullHouse(InetAddress.ofLiteral("127.0.0.3"), port));
        Connector connector = connector(Duration.ofMinutes(10), "127.0.0.2", "127.0.0.3");
        CountDownLatch done = new CountDownLatch(1);
        Thread.ofVirtual()
                .start(
                        () -> {
                            obstacle(connector);
                            done.countDown();
                        });

        guard.end(CallGuard.Reason.CANCELLED);

        assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
        // Nobody's fault but ours: neither address comes behind the other for it.
        assertThat(firstTried("127.0.0.2", "127.0.0.3"))
                .isNotEqualTo(firstTried("127.0.0.2", "127.0.0.3"));
    }

    @Test
    void anAddressThatAnswersInTheWrongProtocolComesLast() throws Exception {
        ServerSocket plain = listen("127.0.0.2", listener.getLocalPort());
        Thread.ofVirtual().start(() -> hangUpOnEach(plain));
        Site site = new Site(true, "provider.test", listener.getLocalPort(), null);
        Connector connector =
                new Connector(
                        site,
                        TIMEOUT,
                        new TlsLayer(SSLContext.getDefault()),
                        lookup("127.0.0.2"),
                        order);

        assertThat(obstacle(connector)).isEqualTo(Obstacle.TLS);
        assertThat(firstTried("127.0.0.2", "127.0.0.1")).isEqualTo("127.0.0.1");
        assertThat(firstTried("127.0.0.2", "127.0.0.1")).isEqualTo("127.0.0.1");
    }

    private Connector connector(Duration timeout, String... addresses) {
        Site site = new Site(false, "provider.test", listener.getLocalPort(), null);
        return new Connector(site, timeout, null, lookup(addresses), order);
    }

    private static HostLookup lookup(String... addresses) {
        InetAddress[] found = literals(addresses).toArray(InetAddress[]::new);
        return new HostLookup("provider.test", _ -> found, System::nanoTime);
    }

    private String firstTried(String... addresses) {
        return order.of(literals(addresses)).getFirst().getHostAddress();
    }

    private static List<InetAddress> literals(String... addresses) {
        return Stream.of(addresses).map(InetAddress::ofLiteral).toList();
    }

    private Obstacle obstacle(Connector connector) {
        Unconnected failure = catchThrowableOfType(Unconnected.class, () -> connector.open(guard));
        return failure.reply().obstacle();
    }

    private ServerSocket listen(String address, int port) throws IOException {
        ServerSocket socket = new ServerSocket();
        socket.bind(new InetSocketAddress(InetAddress.ofLiteral(address), port), 50);
        opened.add(socket);
        return socket;
    }

    private static void closeFirst(ServerSocket socket, Set<ServerSocket> reached) {
        try {
            socket.accept().close();
            reached.add(socket);
        } catch (IOException e) {
            // The test is over.
        }
    }

    private static void hangUpOnEach(ServerSocket socket) {
        try {
            while (true) {
                socket.accept().close();
            }
        } catch (IOException e) {
            // The test is over.
        }
    }
}
