package dev.gantry.circuit.state;

import dev.gantry.circuit.state.LaneFailure.Proof;

/** What one failure of a kind means to a circuit. */
public enum FailureWeight {
    /** The request's fault, or ours. */
    NOTHING,
    /** One of several. */
    COUNTED,
    /** Slows down; benches where there is little else. */
    PACE,
    /** Benches here, and makes the fleet look. */
    SUSPECTED,
    /** Benches by itself. */
    ONE_HIT;

    public static FailureWeight of(LaneFailure failure) {
        return switch (failure.kind()) {
            case BILLING, MODEL_MISSING -> failure.proof() == Proof.FACT ? ONE_HIT : COUNTED;
            case AUTH -> ofAuth(failure);
            case RATE_LIMIT -> failure.retryAfter() == null ? PACE : ONE_HIT;
            case TIMEOUT, OVERLOADED, SERVER, NETWORK, UNKNOWN -> COUNTED;
            case CANCELLED,
                    POLICY_DENIED,
                    CONTENT_POLICY,
                    CONTEXT_OVERFLOW,
                    BAD_REQUEST,
                    INTERNAL ->
                    NOTHING;
        };
    }

    private static FailureWeight ofAuth(LaneFailure failure) {
        return switch (failure.proof()) {
            case FACT -> ONE_HIT;
            case SUSPICION -> failure.reach() == LaneFailure.Reach.LANE ? COUNTED : SUSPECTED;
        };
    }
}
