package dev.gantry.inference;

import java.util.Locale;

/** What a model is for; the fourth part of a lane id. */
public enum ModelType {
    INFERENCE,
    EMBEDDING,
    /** Judges texts. It has neither an answer to write nor, mostly, a price. */
    MODERATION;

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
