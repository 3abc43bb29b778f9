package dev.gantry.metering;

import java.util.Locale;

/** Who counted the tokens. */
public enum UsageSource {
    PROVIDER,
    PROVIDER_PARTIAL,
    ESTIMATED,
    NONE;

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
