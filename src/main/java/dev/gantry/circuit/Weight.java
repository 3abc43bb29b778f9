package dev.gantry.circuit;

import dev.gantry.inference.ErrorKind;

/** What one failure of a kind means to a circuit. */
enum Weight {
    /** The request's fault, or ours. */
    NOTHING,
    /** One of several. */
    COUNTED,
    /** Benches by itself. */
    ONE_HIT;

    static Weight of(ErrorKind kind) {
        return switch (kind) {
            case BILLING, MODEL_MISSING, AUTH, RATE_LIMIT -> ONE_HIT;
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
}
