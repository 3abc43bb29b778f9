package dev.gantry.circuit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The claims that this worker holds and no request has taken yet. */
final class ProbeDesk {
    /** Long enough for the next suitable request; then another worker may have one. */
    private static final long UNTAKEN_NANOS = Duration.ofSeconds(2).toNanos();

    /** Guarded by this. */
    private final Map<CircuitKey, Ticket> tickets = new HashMap<>();

    private volatile boolean ready;

    /**
     * A claim that was won.
     *
     * @param expires nanoseconds on the fleet's clock
     */
    record Ticket(CircuitKey key, Lease lease, long expires) {}

    boolean ready() {
        return ready;
    }

    synchronized boolean holds(CircuitKey key) {
        return tickets.containsKey(key);
    }

    synchronized void offer(CircuitKey key, Lease lease, long nanos) {
        tickets.put(key, new Ticket(key, lease, nanos + UNTAKEN_NANOS));
        ready = true;
    }

    /** All of them, or none. */
    synchronized List<Ticket> take(Collection<CircuitKey> keys) {
        if (!tickets.keySet().containsAll(keys)) {
            return List.of();
        }
        List<Ticket> taken = new ArrayList<>();
        keys.forEach(key -> taken.add(tickets.remove(key)));
        ready = !tickets.isEmpty();
        return taken;
    }

    /** Those that nobody wanted. */
    synchronized List<Ticket> expired(long nanos) {
        List<Ticket> expired =
                tickets.values().stream().filter(each -> each.expires() <= nanos).toList();
        expired.forEach(each -> tickets.remove(each.key()));
        ready = !tickets.isEmpty();
        return expired;
    }
}
