package dev.gantry.metering;

import java.util.Locale;

/** Who counted the tokens. */
public enum UsageSource {
    PROVIDER,
    PROVIDER_PARTIAL,
    ESTIMATED,
    NONE;

    private final String label = name().toLowerCase(Locale.ROOT);

    public String label() {
        return label;
    }
}
