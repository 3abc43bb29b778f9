package dev.gantry.inference;

/** Whether a request is to cost as little as it can. */
public enum CostGoal {
    /** As configured. */
    NORMAL,
    /** Cheap lanes first. */
    MINIMIZE
}
