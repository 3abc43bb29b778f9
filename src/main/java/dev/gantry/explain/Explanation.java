package dev.gantry.explain;

import dev.gantry.budget.Exceeded;
import dev.gantry.circuit.state.LaneAvailability;
import dev.gantry.escalation.EscalationPolicy;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.Caps;
import dev.gantry.inference.Caps.OnExceed;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.routing.AppliedPolicy;
import dev.gantry.routing.CatalogueSnapshot;
import dev.gantry.routing.ExcludedLane;
import dev.gantry.routing.LaneLatencies;
import dev.gantry.routing.Route;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

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
     * @param unsayable what its dialect has no form for; null: nothing
     */
    public record OpenLane(
            Attempt.Dispatch call,
            boolean asked,
            @Nullable LaneAvailability availability,
            LaneLatencies.@Nullable Quantiles latency,
            CostRange cost,
            @Nullable Exceeded exceeded,
            @Nullable String unsayable) {
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

        /** Whether its call would fail with nothing sent, and the request look elsewhere. */
        boolean refuses() {
            boolean aborts = exceeded != null && exceeded.onExceed() == OnExceed.ABORT;
            return unsayable != null && takesCalls() && !aborts;
        }
    }

    /**
     * The end of a request that calls nobody.
     *
     * @param sure false: what a provider lists at run time may mend it
     */
    public record End(FailureCode code, String message, boolean sure) {
        End(FailureCode code, String message) {
            this(code, message, true);
        }
    }

    /** All other lanes of the catalogue, each with the rule that leaves it out. */
    public List<ExcludedLane> excluded() {
        return offered.router().excluded(request, route);
    }

    /** Those that hold for its calls: its own, and its policy's. */
    public Caps caps() {
        return request.options().caps().and(EscalationPolicy.of(route).caps());
    }

    /**
     * The lane that it would call: the first that takes calls now, and in whose dialect it can be
     * said; where none takes calls, the first that it waits for. Null: it would end without a call.
     */
    public @Nullable OpenLane taken() {
        return end == null ? way(lanes, route).getLast() : null;
    }

    /**
     * Those that it comes to: all but the last refuse it, each of which uses an attempt and shuts
     * out its provider, unless a policy advances anyway. Empty where the caps pass over all.
     */
    static List<OpenLane> way(List<OpenLane> lanes, Route route) {
        AppliedPolicy applied = route.policy();
        boolean advances =
                applied != null
                        && applied.policy().failover().advances(ErrorKind.BAD_REQUEST, null);
        int most = route.limits().escalate() ? route.limits().maxAttempts() : 1;
        List<OpenLane> way = new ArrayList<>();
        OpenLane next = first(lanes);
        while (next != null && (way.isEmpty() || advances || next.takesCalls())) {
            way.add(next);
            Predicate<OpenLane> open =
                    advances ? each -> !way.contains(each) : each -> otherProvider(each, way);
            next =
                    next.refuses() && way.size() < most
                            ? first(lanes.stream().filter(open).toList())
                            : null;
        }
        return way;
    }

    private static boolean otherProvider(OpenLane lane, List<OpenLane> way) {
        return way.stream().noneMatch(each -> each.id().provider().equals(lane.id().provider()));
    }

    private static @Nullable OpenLane first(List<OpenLane> lanes) {
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
     * its lanes that take it may come to. Null: it would end without a call.
     */
    public @Nullable CostRange cost() {
        OpenLane taken = taken();
        if (taken == null) {
            return null;
        }
        CostRange cost = taken.cost();
        for (OpenLane lane : lanes) {
            boolean costs = !lane.skipped() && lane.unsayable() == null;
            cost = costs ? cost.or(lane.cost()) : cost;
        }
        return cost;
    }
}
