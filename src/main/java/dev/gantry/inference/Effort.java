package dev.gantry.inference;

import java.util.Locale;
import java.util.Optional;

/** How hard the model is to try, as the caller says: it prefers models of a quality. */
public enum Effort {
    LOW(Quality.LOW),
    MODERATE(Quality.MID),
    HIGH(Quality.HIGH),
    /** Of the caller it also asks for the capability of thinking. */
    REASONING(Quality.HIGH);

    private final Quality quality;

    Effort(Quality quality) {
        this.quality = quality;
    }

    public Quality quality() {
        return quality;
    }

    /** The word used in requests, configuration and events. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Optional<Effort> of(String label) {
        for (Effort effort : values()) {
            if (effort.label().equals(label)) {
                return Optional.of(effort);
            }
        }
        return Optional.empty();
    }
}
