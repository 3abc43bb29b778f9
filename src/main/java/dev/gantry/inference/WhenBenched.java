package dev.gantry.inference;

/** What to do when every lane that is left is benched. */
public enum WhenBenched {
    WAIT,
    FAIL
}
