package dev.gantry.simulator.script;

/** In which headers answers say what is left of a limit. */
public enum LimitHeaderStyle {
    /** {@code x-ratelimit-*}, resets as {@code 6m0s}. */
    OPENAI,
    /** The same names, resets and periods in seconds. */
    AZURE,
    /** {@code anthropic-ratelimit-*}, resets as instants. */
    ANTHROPIC,
    /** {@code RateLimit} and {@code RateLimit-Policy}, of requests only. */
    DRAFT,
    NONE
}
