package dev.gantry.escalation;

import dev.gantry.admission.QueuedRequest;
import dev.gantry.routing.Route;

/** A climb that stands in line: all that has to be kept of it, which is neither thread nor body. */
public final class Halt {
    private final Route route;
    private final Trail trail;
    private final QueuedRequest queued;

    Halt(Route route, Trail trail, QueuedRequest queued) {
        this.route = route;
        this.trail = trail;
        this.queued = queued;
    }

    public Route route() {
        return route;
    }

    public QueuedRequest queued() {
        return queued;
    }

    /** Whether a call has been made. */
    public boolean begun() {
        return trail.last() != null;
    }

    Trail trail() {
        return trail;
    }
}
