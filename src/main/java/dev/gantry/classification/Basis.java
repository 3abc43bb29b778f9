package dev.gantry.classification;

import dev.gantry.inference.ErrorKind;

/** What a classification rests on; decides how far it reaches (see {@code HealthImpact}). */
public enum Basis {
    /**
     * A status that means one thing (401, 402, 429) or a code of the provider's: as told, it holds
     * for everybody at once, as far as its scope.
     */
    FACT,
    /** What a call ran into; it may be this worker's network, so it counts with what others see. */
    SUSPICION,
    /** Words, which may be the request's own: they count as a suspicion of the lane, no more. */
    TEXT;

    /** Of an answer of this kind that a row of the table has recognised. */
    static Basis of(ErrorKind kind, boolean byCode, boolean byStatus, int status) {
        return switch (kind) {
            case TIMEOUT, OVERLOADED, SERVER, NETWORK, UNKNOWN -> SUSPICION;
            case BILLING -> byCode || status == 402 ? FACT : TEXT;
            case AUTH -> byCode || status == 401 ? FACT : TEXT;
            case RATE_LIMIT -> byCode || byStatus || status == 429 ? FACT : TEXT;
            case MODEL_MISSING -> byCode ? FACT : TEXT;
            case CANCELLED,
                    POLICY_DENIED,
                    CONTENT_POLICY,
                    CONTEXT_OVERFLOW,
                    BAD_REQUEST,
                    INTERNAL ->
                    byCode || byStatus ? FACT : TEXT;
        };
    }
}
