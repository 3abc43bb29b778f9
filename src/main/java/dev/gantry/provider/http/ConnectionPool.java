package dev.gantry.provider.http;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The idle connections of one endpoint, the latest used first so that the surplus of a burst ages
 * and goes. How many are open is bounded by the calls under way, which the worker bounds.
 */
final class ConnectionPool implements AutoCloseable {
    /** Younger than this, a connection is reused unseen: the look costs a millisecond. */
    private static final long TRUSTED_NANOS = Duration.ofSeconds(1).toNanos();

    private final Connector connector;
    private final LongSupplier nanoTime;

    /** All three guarded by this. */
    private final Deque<Connection> idle = new ArrayDeque<>();

    private long suspectBefore;
    private boolean closed;

    ConnectionPool(Connector connector, LongSupplier nanoTime) {
        this.connector = connector;
        this.nanoTime = nanoTime;
        this.suspectBefore = nanoTime.getAsLong();
    }

    /** An idle connection that still stands, or a new one; watched by the guard. */
    Connection lease(CallGuard guard) throws Unconnected {
        for (Connection next = latest(); next != null; next = latest()) {
            if (usable(next)) {
                guard.watch(next);
                return next;
            }
            next.close();
        }
        return connector.open(guard);
    }

    void giveBack(Connection connection, Duration idleAtMost) {
        boolean open = connection.idleFrom(nanoTime.getAsLong(), idleAtMost);
        synchronized (this) {
            if (open && !closed) {
                idle.addFirst(connection);
                return;
            }
        }
        connection.close();
    }

    /** A reused connection was found dead: its idle neighbours are looked at before use. */
    synchronized void suspect() {
        suspectBefore = nanoTime.getAsLong();
    }

    void evict() {
        long now = nanoTime.getAsLong();
        List<Connection> old = new ArrayList<>();
        synchronized (this) {
            idle.removeIf(each -> each.expired(now) && old.add(each));
        }
        old.forEach(Connection::close);
    }

    @Override
    public void close() {
        List<Connection> all;
        synchronized (this) {
            closed = true;
            all = List.copyOf(idle);
            idle.clear();
        }
        all.forEach(Connection::close);
    }

    private synchronized @Nullable Connection latest() {
        return idle.pollFirst();
    }

    private boolean usable(Connection connection) {
        long now = nanoTime.getAsLong();
        // Left-over bytes would be taken for the next call's answer.
        if (connection.expired(now) || connection.unread()) {
            return false;
        }
        return trusted(connection, now) || connection.quiet();
    }

    private synchronized boolean trusted(Connection connection, long now) {
        return now - connection.idleSince() < TRUSTED_NANOS
                && connection.idleSince() - suspectBefore > 0;
    }
}
