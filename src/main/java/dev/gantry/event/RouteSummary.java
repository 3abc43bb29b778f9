package dev.gantry.event;

import dev.gantry.inference.Assignment;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.Outcome;
import dev.gantry.inference.RoutingPolicy;

import org.jspecify.annotations.Nullable;

import java.util.function.Supplier;

/**
 * The route of a request that has ended.
 *
 * @param first where it would be called with every lane closed; null: the route is empty
 * @param policy whose chain it followed; null: none
 * @param assignment of a tier; null: none
 * @param report made where a decision is told, which is not for every request
 */
public record RouteSummary(
        @Nullable LaneId first,
        @Nullable RoutingPolicy policy,
        @Nullable Assignment assignment,
        Supplier<RouteReport> report) {
    /** Whether the route's first lane answered the first call: a decision without news. */
    public boolean plain(Conclusion conclusion) {
        return conclusion.outcome() instanceof Outcome.Succeeded
                && conclusion.attempts().size() == 1
                && conclusion.attempts().getFirst().lane().equals(first);
    }
}
