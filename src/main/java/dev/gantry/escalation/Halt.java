package dev.gantry.escalation;

import dev.gantry.routing.Route;
import dev.gantry.traffic.Place;

/** A climb that stands in line: all that has to be kept of it, which is neither thread nor body. */
public final class Halt {
    private final Route route;
    private final Trail trail;
    private final Place place;

    Halt(Route route, Trail trail, Place place) {
        this.route = route;
        this.trail = trail;
        this.place = place;
    }

    public Route route() {
        return route;
    }

    public Place place() {
        return place;
    }

    /** Whether a call has been made. */
    public boolean begun() {
        return trail.last() != null;
    }

    Trail trail() {
        return trail;
    }
}
