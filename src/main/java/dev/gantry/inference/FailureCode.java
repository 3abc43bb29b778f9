package dev.gantry.inference;

import java.util.Locale;

/** What Gantry itself could not do; the {@code error.code} of a result. */
public enum FailureCode {
    NO_LANE_AVAILABLE,
    ALL_LANES_BENCHED,
    ESCALATION_EXHAUSTED,
    CONTEXT_OVERFLOW,
    POLICY_DENIED,
    BUDGET_EXCEEDED,
    BATCH_EXPIRED,
    BATCH_CANCELLED,
    RESULT_TOO_LARGE,
    INVALID_REQUEST,
    INTERNAL_ERROR;

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
