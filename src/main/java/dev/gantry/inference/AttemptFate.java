package dev.gantry.inference;

/** What an ended attempt was to its request; meter and audit are written once this is decided. */
public enum AttemptFate {
    /** Its answer is the result. */
    SELECTED,
    /** It failed, or its answer is not the result. */
    UNSELECTED,
    /** It ran beside another, which answered first. */
    RACE_LOST
}
