package dev.gantry.escalation;

import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptError;

/** What an ended attempt uses up. */
enum Charge {
    ATTEMPT,
    /** Cannot have been billed; bounded by max-refusals. */
    REFUSAL,
    /** Cannot have been billed; bounded by the deadline alone. */
    NOTHING;

    /**
     * A failed probe uses no attempt, as the request has done the fleet a service; unless it was
     * answered: then the request may be what fails.
     */
    static Charge of(Attempt attempt, CallMode mode) {
        AttemptError error = attempt.error();
        if (error != null && mode == CallMode.PROBE && attempt.answer() == null) {
            return NOTHING;
        }
        boolean billed = attempt.answer() != null && attempt.answer().usage() != null;
        if (error == null || billed) {
            return ATTEMPT;
        }
        return switch (error.kind()) {
            case RATE_LIMIT, OVERLOADED -> NOTHING;
            case BILLING, AUTH, MODEL_MISSING -> REFUSAL;
            case NETWORK -> error.refusedConnection() ? REFUSAL : ATTEMPT;
            case CANCELLED,
                    POLICY_DENIED,
                    CONTENT_POLICY,
                    CONTEXT_OVERFLOW,
                    BAD_REQUEST,
                    TIMEOUT,
                    SERVER,
                    INTERNAL,
                    UNKNOWN ->
                    ATTEMPT;
        };
    }
}
