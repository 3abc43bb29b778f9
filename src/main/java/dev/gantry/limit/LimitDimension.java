package dev.gantry.limit;

import java.util.Locale;

/** What a limit counts. */
public enum LimitDimension {
    REQUESTS_PER_MINUTE,
    /** Input and output together. */
    TOKENS_PER_MINUTE,
    /** Calls under way at once. */
    MAX_CONCURRENT;

    /** As the configuration and the table have it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
