package dev.gantry.provider.http;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import dev.gantry.provider.ProviderReply.Obstacle;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/** Opens connections: looks the host up, connects, passes the proxy, secures. */
final class Connector {
    /** One silent address of several must not use up the whole time. */
    private static final long LEAST_PER_ADDRESS = Duration.ofSeconds(1).toNanos();

    private final Site site;
    private final Duration timeout;
    private final @Nullable TlsLayer tls;
    private final HostLookup lookup;

    /**
     * @param timeout for everything up to a connection that can carry a request
     * @param tls null for plain text
     */
    Connector(Site site, Duration timeout, @Nullable TlsLayer tls) {
        this.site = site;
        this.timeout = timeout;
        this.tls = tls;
        this.lookup = new HostLookup(site.nearest().host(), System::nanoTime);
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
            CallGuard.closeQuietly(socket);
            throw e;
        } catch (IOException e) {
            CallGuard.closeQuietly(socket);
            throw new Unconnected(Obstacle.OTHER, site.nearest() + ": " + Wording.of(e));
        }
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

    private Socket connect(InetAddress[] addresses, CallGuard guard, Expiry expiry)
            throws Unconnected {
        Unconnected last = new Unconnected(Obstacle.UNKNOWN_HOST, site.nearest() + ": no address");
        for (int i = 0; i < addresses.length && !guard.ended(); i++) {
            long share = Math.max(LEAST_PER_ADDRESS, expiry.left() / (addresses.length - i));
            Socket socket = new Socket(Proxy.NO_PROXY);
            guard.watch(socket);
            try {
                Tuning.apply(socket);
                socket.connect(
                        new InetSocketAddress(addresses[i], site.nearest().port()),
                        expiry.millis(share));
                return socket;
            } catch (IOException e) {
                CallGuard.closeQuietly(socket);
                last = refusal(e);
            }
        }
        throw last;
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
        return new Unconnected(obstacle, site.nearest() + ": " + Wording.of(e));
    }

    private static String told(IOException e) {
        return String.valueOf(e.getMessage());
    }
}
