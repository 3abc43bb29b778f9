package dev.gantry.escalation;

import dev.gantry.admission.AdmissionRequest;
import dev.gantry.inference.AttemptKind;
import dev.gantry.inference.Outcome;
import dev.gantry.routing.Lane;

import java.time.Duration;

/** What the loop does next. A budget or a race will be further cases. */
sealed interface Next {
    /** Calls the lane of the last call once more, at once: its permit still holds. */
    record Retry(Lane lane, Duration pause, String reason) implements Next {}

    /** Calls whichever lane the traffic lets it onto first. */
    record Enter(AdmissionRequest ask) implements Next {}

    /** Nothing of the route is offered any more: the request needs another. */
    record Reroute() implements Next {}

    /** The request has ended. */
    record End(Outcome outcome) implements Next {}

    /** The same, and the request was to blame for what it met: what that has opened is undone. */
    record Blamed(Outcome outcome) implements Next {}

    /**
     * A lane that would be called, and as what.
     *
     * @param reason why this lane
     */
    record Choice(Lane lane, AttemptKind kind, String reason) {}
}
