package dev.gantry.inference;

import java.util.Locale;
import java.util.Optional;

/** How far away a lane is, from a model on this machine to a frontier provider. */
public enum Tier {
    LOCAL,
    DIRECT,
    FLEET,
    CLOUD,
    FRONTIER;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** The word used in configuration, lane ids and events. */
    public String label() {
        return label;
    }

    public static Optional<Tier> of(String label) {
        for (Tier tier : values()) {
            if (tier.label().equals(label)) {
                return Optional.of(tier);
            }
        }
        return Optional.empty();
    }
}
