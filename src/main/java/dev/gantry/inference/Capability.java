package dev.gantry.inference;

import java.util.Locale;
import java.util.Optional;

/** What a request may need of a model beyond text in, text out. */
public enum Capability {
    STREAMING,
    TOOLS,
    VISION,
    THINKING,
    /** Knows the Responses API itself, all of it. */
    RESPONSES;

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Folds the aliases that clients use (routing rules, section 1): {@code function_calling} is
     * tools.
     */
    public static Optional<Capability> of(String label) {
        return switch (label.toLowerCase(Locale.ROOT).replace('-', '_')) {
            case "streaming", "stream", "stream_chat" -> Optional.of(STREAMING);
            case "tools", "tool", "tool_use", "functions", "function_calling" -> Optional.of(TOOLS);
            case "vision" -> Optional.of(VISION);
            case "thinking" -> Optional.of(THINKING);
            case "responses" -> Optional.of(RESPONSES);
            default -> Optional.empty();
        };
    }
}
