package dev.gantry.inference;

import java.util.Locale;

/** How an attempt ended, in the words of the meter. */
public enum MeterOutcome {
    DISPATCHED,
    SUCCEEDED,
    PROVIDER_ERROR,
    THROTTLED,
    INVALID,
    REFUSED,
    UNREACHABLE,
    TIMEOUT,
    CANCELLED,
    RACE_LOST;

    private final String label = name().toLowerCase(Locale.ROOT);

    public String label() {
        return label;
    }
}
