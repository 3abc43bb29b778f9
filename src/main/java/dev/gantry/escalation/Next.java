package dev.gantry.escalation;

import dev.gantry.admission.AdmissionRequest;
import dev.gantry.inference.Outcome;
import dev.gantry.repair.Repair;
import dev.gantry.routing.Lane;

import java.time.Duration;

/** What the loop does next. A race will be a further case. */
sealed interface Next {
    /** Calls the lane of the last call once more, at once: its permit still holds. */
    record Retry(Lane lane, Duration pause, String reason, Repair repair) implements Next {}

    /** Calls whichever lane it is let onto first; waits in line where there is none. */
    record Enter(AdmissionRequest ask) implements Next {}

    /**
     * The same, with lanes that are to answer in the place of one that has answered: where all are
     * benched, its answer is the outcome, and so it is kept until the next call.
     */
    record StandIn(AdmissionRequest ask, Outcome otherwise) implements Next {}

    /** Passes a lane over; it is no candidate any more. */
    record Skip(Lane lane, String why) implements Next {}

    /** Nothing of the route is offered any more: the request needs another. */
    record Reroute() implements Next {}

    /** The request has ended. */
    record End(Outcome outcome) implements Next {}

    /** The same, and the request was to blame for what it met: what that has opened is undone. */
    record Blamed(Outcome outcome) implements Next {}
}
