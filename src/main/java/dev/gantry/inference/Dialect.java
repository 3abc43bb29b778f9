package dev.gantry.inference;

import java.util.Locale;

/** The wire protocols that a provider may speak. */
public enum Dialect {
    OPENAI,
    ANTHROPIC,
    GEMINI;

    /** As configurations, messages and events write it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
