package dev.gantry.inference;

import org.jspecify.annotations.Nullable;

import java.util.Locale;

/**
 * Names a circuit: an instance, {@code provider:instance}, or a lane without its tier, {@code
 * provider:instance:type:model}.
 *
 * @param type null exactly when model is: the circuit of an instance
 */
public record CircuitKey(
        String provider, String instance, @Nullable ModelType type, @Nullable String model) {
    private static final int LANE_PARTS = 4;

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

    /**
     * Reads what {@link #value} wrote.
     *
     * @throws IllegalArgumentException for anything else
     */
    public static CircuitKey parse(String value) {
        String[] parts = value.split(":", LANE_PARTS);
        for (String part : parts) {
            if (part.isEmpty()) {
                throw unreadable(value);
            }
        }
        return switch (parts.length) {
            case 2 -> new CircuitKey(parts[0], parts[1], null, null);
            case LANE_PARTS ->
                    new CircuitKey(
                            parts[0], parts[1], type(parts[2], value), parts[LANE_PARTS - 1]);
            default -> throw unreadable(value);
        };
    }

    /** Whether it is the circuit of an instance, which all its lanes share. */
    public boolean ofInstance() {
        return type == null;
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

    private static ModelType type(String label, String value) {
        try {
            return ModelType.valueOf(label.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException _) {
            throw unreadable(value);
        }
    }

    private static IllegalArgumentException unreadable(String value) {
        return new IllegalArgumentException(
                "circuit %s; allowed is provider:instance or provider:instance:type:model"
                        .formatted(value));
    }
}
