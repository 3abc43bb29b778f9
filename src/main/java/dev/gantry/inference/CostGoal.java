package dev.gantry.inference;

import java.util.Locale;

/** Whether a request is to cost as little as it can. */
public enum CostGoal {
    /** As configured. */
    NORMAL,
    /** Cheap lanes first. */
    MINIMIZE;

    /** The word used in requests, configuration and events. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
