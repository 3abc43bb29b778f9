package dev.gantry.config;

import java.util.List;

/** The configuration cannot be used; each mistake names the key, the value and what is allowed. */
public final class WrongSettingsException extends RuntimeException {
    private final List<String> mistakes;

    WrongSettingsException(List<String> mistakes) {
        super(text(mistakes));
        this.mistakes = List.copyOf(mistakes);
    }

    /** Free of secrets. */
    public List<String> mistakes() {
        return mistakes;
    }

    private static String text(List<String> mistakes) {
        return mistakes.size() == 1
                ? mistakes.getFirst()
                : "%d mistakes:%n  %s"
                        .formatted(
                                mistakes.size(),
                                String.join(System.lineSeparator() + "  ", mistakes));
    }
}
