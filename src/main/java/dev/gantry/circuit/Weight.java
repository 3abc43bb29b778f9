package dev.gantry.circuit;

import dev.gantry.circuit.Trouble.Proof;

/** What one failure of a kind means to a circuit. */
enum Weight {
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

    static Weight of(Trouble trouble) {
        return switch (trouble.kind()) {
            case BILLING, MODEL_MISSING -> trouble.proof() == Proof.FACT ? ONE_HIT : COUNTED;
            case AUTH -> ofAuth(trouble);
            case RATE_LIMIT -> trouble.retryAfter() == null ? PACE : ONE_HIT;
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

    private static Weight ofAuth(Trouble trouble) {
        return switch (trouble.proof()) {
            case FACT -> ONE_HIT;
            case SUSPICION -> trouble.reach() == Trouble.Reach.LANE ? COUNTED : SUSPECTED;
        };
    }
}
