package dev.gantry.inference;

/**
 * A lane, {@code tier:provider:instance:type:model}; at most five parts, because a model may itself
 * contain {@code :} and {@code /}.
 */
public record LaneId(Tier tier, String provider, String instance, ModelType type, String model) {
    public String value() {
        return tier.label() + ":" + provider + ":" + instance + ":" + type.label() + ":" + model;
    }

    @Override
    public String toString() {
        return value();
    }
}
