package dev.gantry.inference;

import java.util.Locale;

/** Why an attempt was made. */
public enum AttemptKind {
    PRIMARY,
    RETRY,
    FAILOVER,
    HEDGE,
    PROBE;

    private final String label = name().toLowerCase(Locale.ROOT);

    public String label() {
        return label;
    }
}
