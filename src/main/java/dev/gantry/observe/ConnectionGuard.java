package dev.gantry.observe;

import dev.gantry.concurrent.BackgroundLoop;

import org.apache.tomcat.util.net.SocketWrapperBase;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Closes connections that take too long over a request, and where there are too many, the oldest:
 * who comes next, such as a liveness probe, always finds room.
 */
final class ConnectionGuard implements AutoCloseable {
    static final int MOST = 256;
    static final int MOST_PER_SOURCE = 64;

    /** From the first byte of a request to the end of its headers. */
    static final Duration LONGEST_HEADERS = Duration.ofSeconds(5);

    private static final Duration PERIOD = Duration.ofMillis(100);

    private final Supplier<? extends Collection<? extends SocketWrapperBase<?>>> connections;
    private final BackgroundLoop loop;
    private final long start = System.nanoTime();

    /** By connection; used by the thread only. */
    private IdentityHashMap<SocketWrapperBase<?>, Seen> seen = new IdentityHashMap<>();

    /**
     * What is known of a connection, in nanoseconds.
     *
     * @param reading since when a request is begun and not read; negative: none is
     */
    record Seen(String source, long since, long reading) {
        Seen now(boolean begun, long now) {
            long start = reading >= 0 ? reading : now;
            return new Seen(source, since, begun ? start : -1);
        }

        boolean overdue(long now) {
            return reading >= 0 && now - reading > LONGEST_HEADERS.toNanos();
        }
    }

    ConnectionGuard(Supplier<? extends Collection<? extends SocketWrapperBase<?>>> connections) {
        this.connections = connections;
        this.loop =
                BackgroundLoop.every(
                        PERIOD, "connection-guard", () -> pass(System.nanoTime() - start));
    }

    void start() {
        loop.start();
    }

    private void pass(long now) {
        IdentityHashMap<SocketWrapperBase<?>, Seen> present = new IdentityHashMap<>();
        for (SocketWrapperBase<?> each : connections.get()) {
            Seen before = seen.get(each);
            Seen known =
                    before == null
                            ? new Seen(String.valueOf(each.getRemoteAddr()), now, -1)
                            : before;
            // Tomcat keeps a processor with a connection while a request is read in parts.
            present.put(each, known.now(each.getCurrentProcessor() != null, now));
        }
        List<SocketWrapperBase<?>> tooMany = surplus(present, MOST_PER_SOURCE, MOST);
        present.forEach(
                (connection, known) -> {
                    if (known.overdue(now)) {
                        connection.close();
                    }
                });
        tooMany.forEach(SocketWrapperBase::close);
        seen = present;
    }

    /** The oldest of those beyond the bounds, of each source and of all. */
    static <C> List<C> surplus(Map<C, Seen> present, int perSource, int inAll) {
        if (present.size() <= Math.min(perSource, inAll)) {
            return List.of();
        }
        List<Map.Entry<C, Seen>> youngestFirst = new ArrayList<>(present.entrySet());
        youngestFirst.sort(Comparator.comparingLong(each -> -each.getValue().since()));
        Map<String, Integer> kept = new HashMap<>();
        List<C> surplus = new ArrayList<>();
        int keptInAll = 0;
        for (Map.Entry<C, Seen> each : youngestFirst) {
            int ofSource = kept.getOrDefault(each.getValue().source(), 0);
            if (ofSource < perSource && keptInAll < inAll) {
                kept.put(each.getValue().source(), ofSource + 1);
                keptInAll++;
            } else {
                surplus.add(each.getKey());
            }
        }
        return surplus;
    }

    @Override
    public void close() {
        loop.close();
    }
}
