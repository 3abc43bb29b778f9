package dev.gantry.circuit.state;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/**
 * A worker's right to probe a circuit; owner and beginning tell it from every other lease.
 *
 * @param wanted when another worker said that it would use it; null: nobody has
 */
public record Lease(String owner, Instant from, Instant until, @Nullable Instant wanted) {
    public Lease(String owner, Instant from, Instant until) {
        this(owner, from, until, null);
    }

    /** Whether it is this one, whatever has been said of it since. */
    public boolean is(@Nullable Lease other) {
        return other != null && owner.equals(other.owner) && from.equals(other.from);
    }
}
