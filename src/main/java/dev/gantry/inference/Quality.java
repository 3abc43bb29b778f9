package dev.gantry.inference;

import java.util.Locale;

/** How good a model is, as the operator says. */
public enum Quality {
    LOW,
    MID,
    HIGH;

    /** How many steps lie between them. */
    public int distance(Quality other) {
        return Math.abs(compareTo(other));
    }

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
