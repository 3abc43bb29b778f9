package dev.gantry.circuit.state;

import dev.gantry.inference.CircuitKey;

import java.time.Instant;
import java.util.List;

/** What one failure has opened for the fleet: to be undone if its request was to blame. */
public final class Opening {
    private final List<CircuitKey> keys;
    private final Instant at;

    public Opening(List<CircuitKey> keys, Instant at) {
        this.keys = List.copyOf(keys);
        this.at = at;
    }

    public List<CircuitKey> keys() {
        return keys;
    }

    public Instant at() {
        return at;
    }
}
