package dev.gantry.inference;

import java.util.Locale;

/** Why an attempt was made. */
public enum AttemptKind {
    PRIMARY,
    RETRY,
    FAILOVER,
    HEDGE,
    PROBE;

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
