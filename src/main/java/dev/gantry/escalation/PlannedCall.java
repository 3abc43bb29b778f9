package dev.gantry.escalation;

import dev.gantry.inference.Assignment;
import dev.gantry.inference.AttemptId;
import dev.gantry.inference.AttemptKind;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.repair.Repair;
import dev.gantry.routing.AppliedPolicy;
import dev.gantry.routing.Lane;
import dev.gantry.routing.Route;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/**
 * A call about to be made.
 *
 * @param reason why this lane
 * @param repair how the request is changed beyond what its lane always needs
 * @param repeat how many calls of its visit were made before it and failed in passing: a repair is
 *     no repeat
 * @param terms what a policy asks of it
 */
record PlannedCall(
        AttemptId id,
        Lane lane,
        AttemptKind kind,
        Visit visit,
        String reason,
        Repair repair,
        int repeat,
        Terms terms) {
    /** What the call is among the request's calls of this lane. */
    enum Visit {
        /** It counts as a call of the lane: the failure ratio is of these. */
        COUNTED,
        /** One logical request counts once per lane, and this one has. */
        AGAIN,
        /** The retry of the call before; it is part of that visit. */
        IN_PLACE
    }

    /**
     * What the route asks, and the link that the lane came by.
     *
     * @param timeout the longest that the call may take; null: as long as the lane allows
     * @param raceAfter when another call joins it; null: never
     * @param step null: no policy is in force
     * @param assignment of a tier; null: none
     */
    record Terms(
            @Nullable Duration timeout,
            @Nullable Duration raceAfter,
            RoutingPolicy.@Nullable Step step,
            @Nullable Assignment assignment) {
        static final Terms NONE = new Terms(null, null, null, null);

        static Terms of(Route route, LaneId lane) {
            AppliedPolicy applied = route.policy();
            RoutingPolicy.Link link = applied == null ? null : applied.link(lane);
            if (applied == null || link == null) {
                return route.assignment() == null
                        ? NONE
                        : new Terms(null, null, null, route.assignment());
            }
            RoutingPolicy policy = applied.policy();
            Duration own = link.timeout();
            return new Terms(
                    own == null ? policy.failover().onTimeout() : own,
                    policy.latency().raceAfter(),
                    policy.step(link),
                    route.assignment());
        }
    }

    boolean probe() {
        return kind == AttemptKind.PROBE;
    }

    boolean inPlace() {
        return visit == Visit.IN_PLACE;
    }
}
