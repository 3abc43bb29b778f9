package dev.gantry.circuit;

import dev.gantry.inference.LaneId;
import dev.gantry.inference.ModelType;

import org.jspecify.annotations.Nullable;

/**
 * Names a circuit: an instance, {@code provider:instance}, or a lane without its tier, {@code
 * provider:instance:type:model}.
 *
 * @param type null exactly when model is: the circuit of an instance
 */
public record CircuitKey(
        String provider, String instance, @Nullable ModelType type, @Nullable String model) {
    public CircuitKey {
        if ((type == null) != (model == null)) {
            throw new IllegalArgumentException("a lane's circuit has both type and model");
        }
    }

    public static CircuitKey ofInstance(LaneId lane) {
        return new CircuitKey(lane.provider(), lane.instance(), null, null);
    }

    public static CircuitKey ofLane(LaneId lane) {
        return new CircuitKey(lane.provider(), lane.instance(), lane.type(), lane.model());
    }

    public String value() {
        return type == null
                ? provider + ":" + instance
                : provider + ":" + instance + ":" + type.label() + ":" + model;
    }

    @Override
    public String toString() {
        return value();
    }
}
