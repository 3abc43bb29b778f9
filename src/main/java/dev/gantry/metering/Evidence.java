package dev.gantry.metering;

import java.util.Locale;

/** How much a meter event knows; its rank is the version by which consumers choose. */
public enum Evidence {
    DISPATCHED(10_000_000),
    ESTIMATED(20_000_000),
    FINAL(30_000_000);

    private final String label = name().toLowerCase(Locale.ROOT);

    private final int version;

    Evidence(int version) {
        this.version = version;
    }

    public int version() {
        return version;
    }

    public String label() {
        return label;
    }
}
