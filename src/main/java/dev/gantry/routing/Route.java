package dev.gantry.routing;

import dev.gantry.inference.Capability;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.WhenBenched;
import dev.gantry.metering.PriceList;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Set;

/**
 * What a request may use, in order; frozen when its work starts.
 *
 * @param way where it leads
 * @param exclusions the other lanes of the wanted models
 * @param needs what the request needs of a lane
 * @param assignment null: no tier was assigned
 * @param prices at which its calls are dispatched, whatever the catalogue says meanwhile
 */
public record Route(
        Way way,
        List<Exclusion> exclusions,
        Set<Capability> needs,
        @Nullable Assignment assignment,
        Limits limits,
        PriceList prices) {
    public Route {
        exclusions = List.copyOf(exclusions);
        needs = Set.copyOf(needs);
    }

    /** Either lanes, or the end of the request before any call. */
    public sealed interface Way permits Open, DeadEnd {}

    /**
     * Every lane passed every hard filter.
     *
     * @param lanes at least one
     */
    public record Open(List<Lane> lanes) implements Way {
        public Open {
            lanes = List.copyOf(lanes);
            if (lanes.isEmpty()) {
                throw new IllegalArgumentException("an open route has lanes");
            }
        }
    }

    /** What was dispatched at earlier prices keeps them, also once the request is routed anew. */
    public Route pricedFirstBy(PriceList earlier) {
        return new Route(way, exclusions, needs, assignment, limits, earlier.over(prices));
    }

    /** Why no lane is left. */
    public record DeadEnd(FailureCode code, String message) implements Way {}

    /** In order; none at a dead end. */
    public List<Lane> lanes() {
        return switch (way) {
            case Open(List<Lane> lanes) -> lanes;
            case DeadEnd _ -> List.of();
        };
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
            WhenBenched whenBenched) {}
}
