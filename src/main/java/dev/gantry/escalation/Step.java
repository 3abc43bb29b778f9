package dev.gantry.escalation;

import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptKind;
import dev.gantry.routing.Lane;

/** One ended attempt and what follows from it. */
record Step(Lane lane, Attempt attempt, Remedy remedy, Charge charge) {
    boolean inPlace() {
        return attempt.dispatch().kind() == AttemptKind.RETRY;
    }
}
