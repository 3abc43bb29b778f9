package dev.gantry.escalation;

import dev.gantry.inference.InferenceRequest;
import dev.gantry.routing.Route;

/**
 * All that a policy decides upon.
 *
 * @param held whether the last call's permit is still held, and its lane not told: it may be
 *     retried in place
 * @param policy the one in force: one that stands in for another is asked for its own part
 */
record RunState(
        InferenceRequest request,
        Route route,
        EscalationPolicy policy,
        AttemptHistory history,
        boolean held,
        LaneStates lanes) {}
