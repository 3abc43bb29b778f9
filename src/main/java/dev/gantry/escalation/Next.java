package dev.gantry.escalation;

import dev.gantry.inference.AttemptKind;
import dev.gantry.inference.Outcome;
import dev.gantry.routing.Lane;

import java.time.Duration;

/** What the loop does next. Waiting for a circuit, a budget or a race will be further cases. */
sealed interface Next {
    /**
     * Makes a call.
     *
     * @param pause before it; zero: none
     * @param reason why this lane
     */
    record Call(Lane lane, AttemptKind kind, Duration pause, String reason) implements Next {}

    /** The request has ended. */
    record End(Outcome outcome) implements Next {}
}
