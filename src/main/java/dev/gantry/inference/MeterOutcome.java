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

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
