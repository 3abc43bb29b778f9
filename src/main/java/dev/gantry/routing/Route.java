package dev.gantry.routing;

import dev.gantry.inference.Assignment;
import dev.gantry.inference.Capability;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.WhenBenched;
import dev.gantry.metering.PriceList;
import dev.gantry.metering.Quote;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a request may use, in order: frozen when its work starts, but for what is behind its lanes
 * ({@link LiveRoute}).
 *
 * @param way where it leads
 * @param exclusions the other lanes of the wanted models
 * @param needs what the request needs of a lane
 * @param assignment null: no tier was assigned
 * @param prices at which its next call is dispatched
 * @param under the settings that it, and the routes before it, were made by
 * @param policy whose chain it follows, kept to the request's end; null: none
 */
public record Route(
        Way way,
        List<Exclusion> exclusions,
        Set<Capability> needs,
        @Nullable Assignment assignment,
        Limits limits,
        PriceList prices,
        List<RoutingSettings> under,
        @Nullable AppliedPolicy policy) {
    public Route {
        exclusions = List.copyOf(exclusions);
        needs = Set.copyOf(needs);
        under = List.copyOf(under);
    }

    /** Either lanes, or the end of the request before any call. */
    public sealed interface Way permits Open, DeadEnd {}

    /**
     * Every lane passed every hard filter.
     *
     * @param lanes at least one
     */
    public record Open(List<Lane> lanes, Choice choice) implements Way {
        public Open {
            lanes = List.copyOf(lanes);
            if (lanes.isEmpty()) {
                throw new IllegalArgumentException("an open route has lanes");
            }
        }
    }

    /**
     * Why its lanes stand in their order.
     *
     * @param order how lanes of one model were ranked
     * @param rule what put the first lane before the second
     * @param fallback whether no lane of the model that was asked for may be used
     */
    public record Choice(RoutingSettings.Order order, RankRule rule, boolean fallback) {
        static final Choice CHAIN = new Choice(RoutingSettings.Order.WEIGHT, RankRule.CHAIN, false);
        static final Choice TARGET_P95 =
                new Choice(RoutingSettings.Order.WEIGHT, RankRule.TARGET_P95, false);
    }

    /**
     * The same lanes, each as it is offered now with its price of now. One that is not offered any
     * more, or without credentials, stays as it was.
     */
    Route asOffered(Router now) {
        if (!(way instanceof Open(List<Lane> before, Choice choice))) {
            return this;
        }
        Map<LaneId, Quote> quotes = new HashMap<>();
        exclusions.forEach(each -> quote(quotes, each.lane().id(), prices));
        List<Lane> lanes = new ArrayList<>(before.size());
        for (Lane lane : before) {
            Lane offered = now.lane(lane.id());
            boolean follows = offered != null && offered.credentials();
            lanes.add(follows ? offered : lane);
            quote(quotes, lane.id(), follows ? now.prices() : prices);
        }
        return new Route(
                new Open(lanes, choice),
                exclusions,
                needs,
                assignment,
                limits,
                new PriceList(quotes),
                under,
                policy);
    }

    private static void quote(Map<LaneId, Quote> quotes, LaneId lane, PriceList prices) {
        prices.quote(lane).ifPresent(quote -> quotes.put(lane, quote));
    }

    /** Why no lane is left. */
    public record DeadEnd(FailureCode code, String message) implements Way {}

    /** How lanes of one model were ranked. */
    public RoutingSettings.Order order() {
        return way instanceof Open(_, Choice choice)
                ? choice.order()
                : RoutingSettings.Order.WEIGHT;
    }

    /** The word for what its lanes stand in order by. */
    public String strategy() {
        return policy == null ? order().label() : "chain";
    }

    /** In order; none at a dead end. */
    public List<Lane> lanes() {
        return switch (way) {
            case Open(List<Lane> lanes, _) -> lanes;
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
