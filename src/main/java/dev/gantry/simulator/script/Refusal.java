package dev.gantry.simulator.script;

/** What a provider can say instead of an answer. None of it is billed. */
public enum Refusal {
    RATE_LIMIT,
    SERVER,
    OVERLOADED,
    BILLING,
    AUTH,
    MODEL_MISSING,
    BAD_REQUEST,
    CONTEXT_OVERFLOW,
    CONTENT_POLICY,
    /** Status 200, but the body is an error. */
    ERROR_IN_200,
    /** Status 502 with the HTML page of a proxy. */
    BAD_GATEWAY,
    TOKEN_LIMIT,
    CONCURRENCY_LIMIT,
    /** More tokens than the limit ever allows. */
    TOO_LARGE
}
