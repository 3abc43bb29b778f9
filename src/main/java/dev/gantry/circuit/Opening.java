package dev.gantry.circuit;

import java.time.Instant;
import java.util.List;

/** What one failure has opened for the fleet: to be undone if its request was to blame. */
public final class Opening {
    private final List<CircuitKey> keys;
    private final Instant at;

    Opening(List<CircuitKey> keys, Instant at) {
        this.keys = List.copyOf(keys);
        this.at = at;
    }

    List<CircuitKey> keys() {
        return keys;
    }

    Instant at() {
        return at;
    }
}
