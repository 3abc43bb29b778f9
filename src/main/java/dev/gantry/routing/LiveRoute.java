package dev.gantry.routing;

import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;

import org.jspecify.annotations.Nullable;

import java.util.Set;
import java.util.stream.Collectors;

/**
 * The route of one request, kept up with the catalogue between its calls: its lanes stay what they
 * were when its work began, what is behind them changes. Used by one thread at a time.
 */
public final class LiveRoute {
    private final Catalogue catalogue;

    /** What the route was last compared with. */
    private Router seen;

    private Route route;

    /** Begins it. */
    public LiveRoute(Catalogue catalogue, InferenceRequest request) {
        this.catalogue = catalogue;
        this.seen = catalogue.current().router();
        this.route = seen.route(request, catalogue.latencies());
    }

    /** As it was last looked up: the call under way, or the last one, went by it. */
    public Route last() {
        return route;
    }

    /** As it is to be used for the next call: address, key and price as they are offered now. */
    public Route current() {
        Router now = catalogue.current().router();
        if (now != seen) {
            seen = now;
            route = route.asOffered(now);
        }
        return route;
    }

    /**
     * After a wait: where the catalogue has got lanes that the request may use too, a route with
     * them; what was closed stays closed.
     */
    public void widen(InferenceRequest request) {
        Router now = catalogue.current().router();
        if (now == seen) {
            return;
        }
        Route wider = now.reroute(request, route, catalogue.latencies());
        Set<LaneId> known = route.lanes().stream().map(Lane::id).collect(Collectors.toSet());
        if (wider.lanes().stream().anyMatch(lane -> !known.contains(lane.id()))) {
            seen = now;
            route = wider;
        }
    }

    /** Another one, the catalogue having nothing of this any more; what was closed stays closed. */
    public Route reroute(InferenceRequest request) {
        seen = catalogue.current().router();
        route = seen.reroute(request, route, catalogue.latencies());
        return route;
    }

    /** What its latest answers took; null: too few to tell. */
    public LaneLatencies.@Nullable Quantiles latency(LaneId lane) {
        return catalogue.latencies().of(lane);
    }

    /** Whether what a call there meets says anything of the lane as it is offered now. */
    public boolean inForce(Lane lane) {
        @Nullable Lane now = catalogue.current().router().lane(lane.id());
        return now != null && now.target().equals(lane.target());
    }
}
