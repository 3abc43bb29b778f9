package dev.gantry.inference;

/** What an ended attempt uses up. */
public enum AttemptUse {
    ATTEMPT,
    /** Cannot have been billed; bounded by max-refusals. */
    REFUSAL,
    /** Cannot have been billed; bounded by the deadline alone. */
    FREE
}
