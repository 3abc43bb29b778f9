package dev.gantry.event;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/**
 * A circuit's move from one state to another, as it is published.
 *
 * @param circuit provider:instance or provider:instance:type:model; the key of the event
 * @param from closed, open, half_open or denied, as is {@code to}
 * @param at when, on the fleet's clock
 * @param until of an open circuit, else null
 * @param kind of the failure; null: an operator's doing
 * @param actor the worker or operator who moved it
 */
public record CircuitChange(
        String circuit,
        String from,
        String to,
        Instant at,
        @Nullable Instant until,
        @Nullable String kind,
        String reason,
        String actor) {
    /** The same whoever publishes it, and however often. */
    String id() {
        return circuit + "/" + to + "/" + at + (until == null ? "" : "/" + until);
    }
}
