package dev.gantry.delivery;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What an operator did to lanes, for the audit topic.
 *
 * @param target as the operator wrote it; may hold stars
 * @param action open, deny or reset
 * @param time how long an open circuit was asked to stay so; null for the other actions
 * @param circuits the circuits that were meant, in no order
 * @param actor who did it; never a token
 */
public record OperatorAct(
        String target,
        String action,
        @Nullable Duration time,
        List<String> circuits,
        String actor,
        String reason,
        Instant at) {
    static final String TYPE = "dev.gantry.operator.acted.v1";

    public OperatorAct {
        circuits = List.copyOf(circuits);
    }

    String id() {
        return "%s/%s/%s".formatted(target, Rfc3339.of(at), action);
    }
}
