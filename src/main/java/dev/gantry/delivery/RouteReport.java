package dev.gantry.delivery;

import dev.gantry.inference.LaneId;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * What routing decided for a request, for the decision event.
 *
 * @param candidates the lanes considered, eligible ones in the order of the route
 * @param reason why the first of them was chosen, or why there is none
 */
public record RouteReport(List<Candidate> candidates, String reason) {
    public RouteReport {
        candidates = List.copyOf(candidates);
    }

    /**
     * A lane that was considered.
     *
     * @param excludedBy the rule that shut it out, null where it is eligible
     */
    public record Candidate(LaneId lane, @Nullable String excludedBy) {}
}
