package dev.gantry.circuit;

import dev.gantry.circuit.state.Circuit;
import dev.gantry.circuit.state.CircuitEvent;
import dev.gantry.circuit.state.CircuitSettings;
import dev.gantry.circuit.state.CircuitState;
import dev.gantry.circuit.state.CircuitState.Closed;
import dev.gantry.circuit.state.CircuitState.HalfOpen;
import dev.gantry.circuit.state.CircuitState.Open;
import dev.gantry.circuit.state.FleetClock;
import dev.gantry.circuit.state.Lease;
import dev.gantry.inference.CircuitKey;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The circuits that this worker keeps for itself: what fails here holds its calls back at once,
 * whatever the fleet finds. Never in the table. Guarded by the lock of the cache, but for the last.
 */
final class OwnCircuits {
    private static final long MAX = Long.MAX_VALUE;

    private final CircuitSettings settings;
    private final Map<CircuitKey, Circuit> circuits = new HashMap<>();

    /** From when on one of them waits for a probe. */
    private volatile long probeDue = MAX;

    OwnCircuits(CircuitSettings settings) {
        this.settings = settings.own();
    }

    Circuit circuit(CircuitKey key) {
        Circuit known = circuits.get(key);
        return known == null ? Circuit.pristine(key) : known;
    }

    /** Whether it moved anything. */
    boolean apply(CircuitKey key, CircuitEvent event) {
        Circuit before = circuit(key);
        Circuit after = before.after(event, settings);
        if (after.equals(before)) {
            return false;
        }
        circuits.put(key, after);
        awaitNext();
        return true;
    }

    /** Forgets all others. */
    void keep(Set<CircuitKey> keys) {
        circuits.keySet().retainAll(keys);
        awaitNext();
    }

    private void awaitNext() {
        probeDue = circuits.values().stream().mapToLong(OwnCircuits::due).min().orElse(MAX);
    }

    /** Those that hold calls back, or wait for a probe. */
    List<Circuit> notClosed() {
        return circuits.values().stream()
                .filter(each -> !(each.state() instanceof Closed))
                .toList();
    }

    /** Cheap (one volatile read): whether one of them waits for a probe. */
    boolean probeDue(long nanos) {
        return nanos >= probeDue;
    }

    private static long due(Circuit circuit) {
        return switch (circuit.state()) {
            case Open open when open.end() == CircuitState.End.PROBE ->
                    FleetClock.nanos(open.until());
            case HalfOpen(_, Lease lease) when lease != null -> FleetClock.nanos(lease.until());
            case HalfOpen half -> FleetClock.nanos(half.since());
            case Open _, Closed _, CircuitState.Denied _ -> MAX;
        };
    }
}
