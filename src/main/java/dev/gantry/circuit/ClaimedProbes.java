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
    private final Map<CircuitKey, Claim> claims = new HashMap<>();

    private volatile boolean ready;

    /** Whose circuit it is of. */
    enum Holder {
        FLEET,
        /** This worker's own. */
        WORKER
    }

    /** A claim that was won. */
    record Claim(CircuitKey key, Lease lease, Holder holder) {}

    boolean ready() {
        return ready;
    }

    synchronized boolean holds(CircuitKey key) {
        return claims.containsKey(key);
    }

    synchronized void offer(CircuitKey key, Lease lease) {
        claims.put(key, new Claim(key, lease, Holder.FLEET));
        ready = true;
    }

    /** All of them, or null. */
    synchronized @Nullable List<Claim> take(Collection<CircuitKey> keys) {
        if (!claims.keySet().containsAll(keys)) {
            return null;
        }
        List<Claim> taken = new ArrayList<>();
        keys.forEach(key -> taken.add(claims.remove(key)));
        ready = !claims.isEmpty();
        return taken;
    }

    /** Those that nobody has taken. */
    synchronized List<Claim> untaken() {
        return List.copyOf(claims.values());
    }

    /** Whether it was still there. */
    synchronized boolean drop(Claim claim) {
        boolean dropped = claims.remove(claim.key(), claim);
        ready = !claims.isEmpty();
        return dropped;
    }
}
