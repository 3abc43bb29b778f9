package dev.gantry.escalation;

/** Whether a call is the fleet's probe of a half-open lane. */
enum CallMode {
    PLAIN,
    PROBE
}
