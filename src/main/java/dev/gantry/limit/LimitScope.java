package dev.gantry.limit;

import dev.gantry.inference.CircuitKey;
import dev.gantry.inference.LaneId;

/**
 * What a limit is of: an instance, {@code provider:instance}, or one lane of it, {@code
 * provider:instance:type:model}. A call counts against both.
 */
public record LimitScope(String value) {
    public static LimitScope ofInstance(LaneId lane) {
        return new LimitScope(CircuitKey.ofInstance(lane).value());
    }

    public static LimitScope ofLane(LaneId lane) {
        return new LimitScope(CircuitKey.ofLane(lane).value());
    }

    @Override
    public String toString() {
        return value;
    }
}
