package dev.gantry.explain;

import dev.gantry.budget.Exceeded;
import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.escalation.EscalationPolicy;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.Caps;
import dev.gantry.inference.Caps.OnExceed;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.routing.CatalogueSnapshot;
import dev.gantry.routing.ExcludedLane;
import dev.gantry.routing.LaneLatencies;
import dev.gantry.routing.Route;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * What would become of one request if it came now.
 *
 * @param lanes those that it may use, in the order in which they are tried
 * @param end how it would end without a call; null: it would not
 * @param offered what it was routed by
 */
public record Explanation(
        InferenceRequest request,
        Route route,
        List<OpenLane> lanes,
        @Nullable End end,
        CatalogueSnapshot offered)
        implements Finding {
    public Explanation {
        lanes = List.copyOf(lanes);
    }

    /**
     * A lane of the route.
     *
     * @param call what its first call would be
     * @param asked whether the request would ask for it now; by the deadline, it may leave a dear
     *     lane for later
     * @param availability how its circuits stand; null: not known
     * @param latency of its latest answers; null: too few to tell
     * @param exceeded the cap that the call would pass by itself; null: none
     */
    public record OpenLane(
            Attempt.Dispatch call,
            boolean asked,
            @Nullable LaneAvailability availability,
            LaneLatencies.@Nullable Quantiles latency,
            CostRange cost,
            @Nullable Exceeded exceeded) {
        public LaneId id() {
            return call.lane();
        }

        /** Whether its circuits let calls through, as far as is known. */
        public boolean takesCalls() {
            return availability == null || availability instanceof LaneAvailability.Admitted;
        }

        /** Whether the request's caps pass it over. */
        public boolean skipped() {
            return exceeded != null && exceeded.onExceed() == OnExceed.SKIP;
        }
    }

    /** The end of a request that calls nobody. */
    public record End(FailureCode code, String message) {}

    /** All other lanes of the catalogue, each with the rule that leaves it out. */
    public List<ExcludedLane> excluded() {
        return offered.router().excluded(request, route);
    }

    /** Those that hold for its calls: its own, and its policy's. */
    public Caps caps() {
        return request.options().caps().and(EscalationPolicy.of(route).caps());
    }

    /**
     * The lane that it would call: the first that takes calls now; where none does, the first that
     * it waits for. Null: it would end without a call.
     */
    public @Nullable OpenLane taken() {
        return end == null ? first(lanes) : null;
    }

    /** Null where the caps pass over all of them. */
    static @Nullable OpenLane first(List<OpenLane> lanes) {
        List<OpenLane> left = lanes.stream().filter(each -> !each.skipped()).toList();
        List<OpenLane> asked = left.stream().filter(OpenLane::asked).toList();
        List<OpenLane> now = asked.isEmpty() ? left : asked;
        return now.stream()
                .filter(OpenLane::takesCalls)
                .findFirst()
                .orElse(now.isEmpty() ? null : now.getFirst());
    }

    /** Whether it would have to wait for a lane to reopen. */
    public boolean waits() {
        OpenLane taken = taken();
        return taken != null && !taken.takesCalls();
    }

    /**
     * Of one call: projected on the lane that it would take, from the least to the most that any of
     * its lanes may come to. Null: it would end without a call.
     */
    public @Nullable CostRange cost() {
        OpenLane taken = taken();
        if (taken == null) {
            return null;
        }
        CostRange cost = taken.cost();
        for (OpenLane lane : lanes) {
            cost = lane.skipped() ? cost : cost.or(lane.cost());
        }
        return cost;
    }
}
