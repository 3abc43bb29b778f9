package dev.gantry.inference;

import java.util.Locale;

/** What a model is for; the fourth part of a lane id. */
public enum ModelType {
    INFERENCE,
    EMBEDDING,
    /** Judges texts. It has neither an answer to write nor, mostly, a price. */
    MODERATION;

    private final String label = name().toLowerCase(Locale.ROOT);

    public String label() {
        return label;
    }
}
