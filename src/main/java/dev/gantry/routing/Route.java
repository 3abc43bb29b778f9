package dev.gantry.routing;

import dev.gantry.inference.Capability;
import dev.gantry.inference.FailureCode;
import dev.gantry.metering.PriceList;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Set;

/**
 * What a request may use, in order; frozen when its work starts.
 *
 * @param lanes every lane passed every hard filter; empty exactly when there is a dead end
 * @param exclusions the other lanes of the wanted models
 * @param needs what the request needs of a lane
 * @param assignment null: no tier was assigned
 * @param prices at which its calls are dispatched, whatever the catalogue says meanwhile
 */
public record Route(
        List<Lane> lanes,
        List<Exclusion> exclusions,
        Set<Capability> needs,
        @Nullable Assignment assignment,
        Limits limits,
        @Nullable DeadEnd deadEnd,
        PriceList prices) {
    public Route {
        lanes = List.copyOf(lanes);
        exclusions = List.copyOf(exclusions);
        needs = Set.copyOf(needs);
        if (lanes.isEmpty() != (deadEnd != null)) {
            throw new IllegalArgumentException("a route has either lanes or a dead end");
        }
    }

    /** What was dispatched at earlier prices keeps them, also once the request is routed anew. */
    public Route pricedFirstBy(PriceList earlier) {
        return new Route(
                lanes, exclusions, needs, assignment, limits, deadEnd, earlier.over(prices));
    }

    /**
     * How far the loop may climb.
     *
     * @param escalate false: one lane, one call, its own error as the outcome
     */
    public record Limits(
            boolean escalate,
            int maxAttempts,
            int maxRefusals,
            double contextHeadroom,
            RoutingSettings.WhenBenched whenBenched) {}

    /** Why no lane is left: the end of the request, before any call. */
    public record DeadEnd(FailureCode code, String message) {}
}
