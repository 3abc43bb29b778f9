package dev.gantry.provider.http;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import dev.gantry.provider.ProviderReply.Obstacle;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/** Opens connections: looks the host up, connects, passes the proxy, secures. */
final class Connector {
    private final Site site;
    private final Duration timeout;
    private final @Nullable TlsLayer tls;
    private final HostLookup lookup;
    private final AddressOrder order;

    /**
     * @param timeout for everything up to a connection that can carry a request
     * @param tls null for plain text
     */
    Connector(Site site, Duration timeout, @Nullable TlsLayer tls) {
        this(
                site,
                timeout,
                tls,
                new HostLookup(site.nearest().host(), System::nanoTime),
                new AddressOrder(System::nanoTime));
    }

    Connector(
            Site site,
            Duration timeout,
            @Nullable TlsLayer tls,
            HostLookup lookup,
            AddressOrder order) {
        this.site = site;
        this.timeout = timeout;
        this.tls = tls;
        this.lookup = lookup;
        this.order = order;
    }

    Connection open(CallGuard guard) throws Unconnected {
        Expiry expiry = new Expiry(System.nanoTime() + timeout.toNanos());
        Socket socket = connect(addresses(guard, expiry), guard, expiry);
        try {
            if (site.proxy() != null && site.secure()) {
                Tunnel.open(socket, site, expiry);
            }
            return tls == null
                    ? new Connection(socket, socket)
                    : new Connection(socket, tls.secure(socket, site, expiry));
        } catch (Unconnected e) {
            giveUp(socket, guard);
            throw e;
        } catch (IOException e) {
            giveUp(socket, guard);
            throw new Unconnected(Obstacle.OTHER, site.nearest() + ": " + HttpWording.of(e));
        }
    }

    /** An address behind which nobody speaks as expected is as bad as one that refuses. */
    private void giveUp(Socket socket, CallGuard guard) {
        if (!guard.ended() && !Thread.currentThread().isInterrupted()) {
            order.failed(socket.getInetAddress());
        }
        CallGuard.closeQuietly(socket);
    }

    private InetAddress[] addresses(CallGuard guard, Expiry expiry) throws Unconnected {
        String host = site.nearest().host();
        CompletableFuture<InetAddress[]> pending = lookup.addresses();
        guard.watch(() -> pending.cancel(false));
        try {
            return pending.get(expiry.left(), NANOSECONDS);
        } catch (ExecutionException e) {
            throw new Unconnected(Obstacle.UNKNOWN_HOST, host + ": unknown host");
        } catch (TimeoutException e) {
            throw new Unconnected(Obstacle.CONNECT_TIMEOUT, host + ": lookup exceeds " + timeout);
        } catch (CancellationException e) {
            throw new Unconnected(Obstacle.OTHER, host + ": lookup given up");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Unconnected(Obstacle.OTHER, host + ": lookup interrupted");
        }
    }

    private Socket connect(InetAddress[] found, CallGuard guard, Expiry expiry) throws Unconnected {
        if (found.length == 0) {
            throw new Unconnected(Obstacle.UNKNOWN_HOST, site.nearest() + ": no address");
        }
        List<InetAddress> addresses = order.of(List.of(found));
        ConnectRace race = new ConnectRace(addresses, site.nearest().port(), order, expiry);
        guard.watch(race);
        try {
            Socket socket = race.run();
            guard.watch(socket);
            return socket;
        } catch (IOException e) {
            throw refusal(e);
        }
    }

    private Unconnected refusal(IOException e) {
        Obstacle obstacle =
                switch (e) {
                    case SocketTimeoutException _ -> Obstacle.CONNECT_TIMEOUT;
                    // The JDK has one exception for "refused" and for the kernel's own time-out.
                    case ConnectException timedOut when told(timedOut).contains("timed out") ->
                            Obstacle.CONNECT_TIMEOUT;
                    case ConnectException _ -> Obstacle.REFUSED;
                    default -> Obstacle.OTHER;
                };
        return new Unconnected(obstacle, site.nearest() + ": " + HttpWording.of(e));
    }

    private static String told(IOException e) {
        return String.valueOf(e.getMessage());
    }
}
