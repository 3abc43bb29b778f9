package dev.gantry.inference;

import java.util.Locale;

/** Why a call failed; in the order in which ties are settled (routing rules, section 3). */
public enum ErrorKind {
    CANCELLED,
    POLICY_DENIED,
    CONTENT_POLICY,
    CONTEXT_OVERFLOW,
    BILLING,
    MODEL_MISSING,
    AUTH,
    RATE_LIMIT,
    BAD_REQUEST,
    TIMEOUT,
    OVERLOADED,
    SERVER,
    NETWORK,
    INTERNAL,
    UNKNOWN;

    /** The word used in results and events. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
