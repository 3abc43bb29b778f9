package dev.gantry.routing;

import java.util.Locale;

/** What put a route's first lane before its second. */
public enum RankRule {
    /** There is no second. */
    ONLY_LANE,
    /** It is the policy's first link. */
    CHAIN,
    /** The policy's links before it miss its {@code target-p95-ms}. */
    TARGET_P95,
    /** The caller prefers it. */
    PREFER,
    /** Its tier was assigned. */
    ASSIGNMENT,
    DEFAULT_PROVIDER,
    /** A local or direct instance lists the model: it runs at hand. */
    LOCAL_COPY,
    /** Its quality is nearer to the effort that is asked. */
    EFFORT,
    COST,
    LATENCY,
    DEADLINE,
    WEIGHT,
    /** Nothing tells them apart: requests take turns. */
    TURN;

    /** The word used in events. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
