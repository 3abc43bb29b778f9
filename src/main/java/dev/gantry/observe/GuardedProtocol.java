package dev.gantry.observe;

import org.apache.coyote.http11.Http11NioProtocol;

/**
 * Tomcat's HTTP/1.1 with bounds for the management port, which must answer the orchestrator
 * whatever else hangs on it: Tomcat limits the pauses within a request, but not the request, so
 * that clients which drip one byte at a time could take all its connections for ever.
 */
public final class GuardedProtocol extends Http11NioProtocol {
    /** Above what the guard lets stand, so that there is always somebody to accept. */
    private static final int MAX_CONNECTIONS = 2 * ConnectionGuard.MOST;

    private static final int BACKLOG = 1024;
    private static final int PAUSE_MS = 5_000;
    private static final int KEEP_ALIVE_MS = 15_000;
    private static final int HEADER_BYTES = 8 << 10;
    private static final int MAX_HEADERS = 64;

    private final ConnectionGuard guard = new ConnectionGuard(() -> getEndpoint().getConnections());

    /** Last: what a server's properties have set does not hold here. */
    @Override
    public void init() throws Exception {
        setMaxConnections(MAX_CONNECTIONS);
        setAcceptCount(BACKLOG);
        setConnectionTimeout(PAUSE_MS);
        setKeepAliveTimeout(KEEP_ALIVE_MS);
        setMaxHttpRequestHeaderSize(HEADER_BYTES);
        setMaxHeaderCount(MAX_HEADERS);
        // A body that nobody asked for is not read to its end.
        setMaxSwallowSize(0);
        // A slow client holds a connection, not a thread that others need.
        getEndpoint().setUseVirtualThreads(true);
        super.init();
    }

    @Override
    public void start() throws Exception {
        super.start();
        guard.start();
    }

    @Override
    public void stop() throws Exception {
        guard.close();
        super.stop();
    }
}
