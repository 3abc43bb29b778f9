package dev.gantry.event;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What an operator did to circuits, as it is published.
 *
 * @param id the same however often it is published
 * @param target as the operator wrote it
 * @param action open, deny or reset
 * @param time for which a circuit was opened, else null
 * @param changes what followed; none if nothing had to move
 */
public record OperatorDeed(
        String id,
        Instant at,
        String actor,
        String target,
        String action,
        @Nullable Duration time,
        String reason,
        List<CircuitChange> changes) {
    public OperatorDeed {
        changes = List.copyOf(changes);
    }
}
