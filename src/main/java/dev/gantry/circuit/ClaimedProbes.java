package dev.gantry.circuit;

import dev.gantry.circuit.state.Lease;
import dev.gantry.inference.CircuitKey;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The claims that this worker holds and no request has taken yet: they stay until one does. */
final class ClaimedProbes {
    /** Guarded by this. */
    private final Map<CircuitKey, Ticket> tickets = new HashMap<>();

    private volatile boolean ready;

    /** Whose circuit it is of. */
    enum Holder {
        FLEET,
        /** This worker's own. */
        WORKER
    }

    /** A claim that was won. */
    record Ticket(CircuitKey key, Lease lease, Holder holder) {}

    boolean ready() {
        return ready;
    }

    synchronized boolean holds(CircuitKey key) {
        return tickets.containsKey(key);
    }

    synchronized void offer(CircuitKey key, Lease lease) {
        tickets.put(key, new Ticket(key, lease, Holder.FLEET));
        ready = true;
    }

    /** All of them, or null. */
    synchronized @Nullable List<Ticket> take(Collection<CircuitKey> keys) {
        if (!tickets.keySet().containsAll(keys)) {
            return null;
        }
        List<Ticket> taken = new ArrayList<>();
        keys.forEach(key -> taken.add(tickets.remove(key)));
        ready = !tickets.isEmpty();
        return taken;
    }

    /** Those that nobody has taken. */
    synchronized List<Ticket> untaken() {
        return List.copyOf(tickets.values());
    }

    /** Whether it was still there. */
    synchronized boolean drop(Ticket ticket) {
        boolean dropped = tickets.remove(ticket.key(), ticket);
        ready = !tickets.isEmpty();
        return dropped;
    }
}
