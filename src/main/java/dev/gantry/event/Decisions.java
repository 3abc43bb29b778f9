package dev.gantry.event;

/** Which routing decisions are published. */
public enum Decisions {
    ALL,
    /** Those of requests that did not simply succeed on their first lane. */
    ESCALATED,
    NONE
}
