package dev.gantry.routing;

import dev.gantry.inference.LaneId;
import dev.gantry.inference.RoutingPolicy;

import org.jspecify.annotations.Nullable;

import java.util.Map;

/**
 * The policy that a route follows.
 *
 * @param links the link that each lane of the chain comes by; of a lane that is meant twice, the
 *     first
 */
public record AppliedPolicy(RoutingPolicy policy, Map<LaneId, RoutingPolicy.Link> links) {
    public AppliedPolicy {
        links = Map.copyOf(links);
    }

    /** Null: no link means the lane. */
    public RoutingPolicy.@Nullable Link link(LaneId lane) {
        return links.get(lane);
    }
}
