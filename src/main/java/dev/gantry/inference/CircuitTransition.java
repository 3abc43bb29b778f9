package dev.gantry.inference;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/**
 * A circuit's move from one state to another; {@code OPEN} to {@code OPEN} where its time changed.
 *
 * @param at on the fleet's clock
 * @param until of an open circuit, else null
 * @param cause why, and the worker or operator whose statement won
 */
public record CircuitTransition(
        CircuitKey key,
        StateLabel from,
        StateLabel to,
        Instant at,
        @Nullable Instant until,
        CircuitCause cause) {
    /** The same whoever tells of it, and however often. */
    public String id() {
        return key + "/" + to.label() + "/" + at + (until == null ? "" : "/" + until);
    }
}
