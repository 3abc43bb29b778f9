package dev.gantry.inference;

import java.util.Locale;

/** How good a model is, as the operator says. */
public enum Quality {
    LOW,
    MID,
    HIGH;

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
