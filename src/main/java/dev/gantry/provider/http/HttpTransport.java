package dev.gantry.provider.http;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.gantry.provider.Endpoint;

import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Function;

import javax.net.ssl.SSLContext;

/** What the lines to all endpoints share: one thread that ends late calls and old connections. */
public final class HttpTransport implements AutoCloseable {
    private final int maxResponseBytes;
    private final Function<String, SSLContext> sslBundles;
    private final ScheduledThreadPoolExecutor timer;
    private final Future<?> sweep;
    private final Map<Endpoint, HttpLine> lines = new ConcurrentHashMap<>();

    /**
     * @param maxResponseBytes an answer's body may have so many
     * @param sslBundles by name; throws for a name it does not know
     */
    public HttpTransport(int maxResponseBytes, Function<String, SSLContext> sslBundles) {
        this.maxResponseBytes = maxResponseBytes;
        this.sslBundles = sslBundles;
        this.timer =
                new ScheduledThreadPoolExecutor(
                        1, Thread.ofPlatform().daemon().name("provider-timer").factory());
        timer.setRemoveOnCancelPolicy(true);
        this.sweep = timer.scheduleWithFixedDelay(this::evict, 1, 1, SECONDS);
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
                        timer,
                        maxResponseBytes);
        lines.put(endpoint, line);
        return line;
    }

    /** Of all other lines each connection is closed at the end of its call. */
    public void keep(Collection<Endpoint> endpoints) {
        lines.forEach(
                (endpoint, line) -> {
                    if (!endpoints.contains(endpoint)) {
                        lines.remove(endpoint, line);
                        line.pool().close();
                    }
                });
    }

    /** Takes no more calls; those under way keep their time limit and close their connection. */
    @Override
    public void close() {
        sweep.cancel(false);
        timer.shutdown();
        lines.values().forEach(line -> line.pool().close());
    }

    private void evict() {
        lines.values().forEach(line -> line.pool().evict());
    }

    private SSLContext context(Endpoint endpoint) {
        String bundle = endpoint.sslBundle();
        try {
            return bundle == null ? SSLContext.getDefault() : sslBundles.apply(bundle);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("the JDK has no default TLS", e);
        }
    }
}
