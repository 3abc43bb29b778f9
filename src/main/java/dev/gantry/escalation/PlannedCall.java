package dev.gantry.escalation;

import dev.gantry.inference.AttemptId;
import dev.gantry.inference.AttemptKind;
import dev.gantry.routing.Lane;

/**
 * A call about to be made.
 *
 * @param reason why this lane
 * @param repair how the request is changed beyond what its lane always needs
 */
record PlannedCall(
        AttemptId id, Lane lane, AttemptKind kind, Visit visit, String reason, Repair repair) {
    /** What the call is among the request's calls of this lane. */
    enum Visit {
        /** It counts as a call of the lane: the failure ratio is of these. */
        COUNTED,
        /** One logical request counts once per lane, and this one has. */
        AGAIN,
        /** The retry of the call before; it is part of that visit. */
        IN_PLACE
    }

    boolean probe() {
        return kind == AttemptKind.PROBE;
    }

    boolean inPlace() {
        return visit == Visit.IN_PLACE;
    }
}
