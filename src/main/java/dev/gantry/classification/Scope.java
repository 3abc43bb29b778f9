package dev.gantry.classification;

/** How far a failure reaches: what has to cool. */
public enum Scope {
    /** This request only: nothing cools. */
    REQUEST,
    /** The instance's offer of this model. */
    LANE,
    /** The endpoint or its credential: every lane of it. */
    INSTANCE,
    /** Every instance that shares the account. */
    ACCOUNT
}
