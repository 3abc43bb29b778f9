package dev.gantry.provider.http;

import dev.gantry.concurrent.BackgroundLoop;
import dev.gantry.provider.Endpoint;

import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

import javax.net.ssl.SSLContext;

/** What the lines to all endpoints share: their end, and a thread that closes old connections. */
public final class HttpTransport implements AutoCloseable {
    private final int maxResponseBytes;
    private final Function<String, SSLContext> sslBundles;
    private final BackgroundLoop sweep =
            BackgroundLoop.every(Duration.ofSeconds(1), "provider-sweep", this::evict);
    private final Set<HttpLine> lines = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    /**
     * @param maxResponseBytes an answer's body may have so many
     * @param sslBundles by name; throws for a name it does not know
     */
    public HttpTransport(int maxResponseBytes, Function<String, SSLContext> sslBundles) {
        this.maxResponseBytes = maxResponseBytes;
        this.sslBundles = sslBundles;
        sweep.start();
    }

    /**
     * Opens nothing yet; connections come with the calls.
     *
     * @throws IllegalArgumentException if the endpoint's addresses cannot be used
     */
    public HttpLine line(Endpoint endpoint) {
        Site site = Site.of(endpoint);
        TlsLayer tls = site.secure() ? new TlsLayer(context(endpoint)) : null;
        Connector connector = new Connector(site, endpoint.connectTimeout(), tls);
        HttpLine line =
                new HttpLine(
                        site,
                        new ConnectionPool(connector, System::nanoTime),
                        () -> closed,
                        new Exchange.Bounds(maxResponseBytes, endpoint.stallTimeout()));
        lines.add(line);
        return line;
    }

    /** From now on each of its connections is closed at the end of its call. */
    public void close(HttpLine line) {
        lines.remove(line);
        line.pool().close();
    }

    /** Takes no more calls; those under way keep their time limit and close their connection. */
    @Override
    public void close() {
        closed = true;
        sweep.close();
        lines.forEach(line -> line.pool().close());
    }

    private void evict() {
        lines.forEach(line -> line.pool().evict());
    }

    private SSLContext context(Endpoint endpoint) {
        String bundle = endpoint.sslBundle();
        try {
            return bundle == null ? SSLContext.getDefault() : sslBundles.apply(bundle);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("the JDK has no default TLS", e);
        } catch (IllegalStateException e) {
            // Spring says so of stores, keys and protocols that do not go together.
            throw new IllegalArgumentException(
                    "provider %s: ssl-bundle %s cannot be loaded".formatted(endpoint.id(), bundle),
                    e);
        }
    }
}
