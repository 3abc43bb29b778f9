package dev.gantry.event;

import dev.gantry.inference.LaneId;
import dev.gantry.inference.Tier;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;

/**
 * What routing decided for a request, for the decision event.
 *
 * @param candidates the lanes considered, eligible ones in the order of the route; beyond {@link
 *     #MOST_CANDIDATES} nobody reads them
 * @param reason why the first of them was chosen, or why there is none
 * @param assignment null: no tier was assigned
 */
public record RouteReport(
        List<Candidate> candidates, String reason, @Nullable Assignment assignment) {
    /** One more than an event carries, so that it can say that there were more. */
    public static final int MOST_CANDIDATES = RoutingBody.CANDIDATES + 1;

    public RouteReport {
        candidates = List.copyOf(candidates);
    }

    /**
     * A lane that was considered, as it looked at that moment.
     *
     * @param excludedBy the rule that shut it out, null where it is eligible
     * @param quality low, mid or high; null: nobody said
     * @param p50 of its latest answers' latency; null: too few to tell, likewise p95
     * @param circuit its state; null: not looked at
     */
    public record Candidate(
            LaneId lane,
            @Nullable String excludedBy,
            @Nullable String quality,
            @Nullable Duration p50,
            @Nullable Duration p95,
            @Nullable String circuit) {
        /** One of which nothing but its eligibility is known. */
        public Candidate(LaneId lane, @Nullable String excludedBy) {
            this(lane, excludedBy, null, null, null, null);
        }
    }

    /**
     * A tier that something other than the caller chose.
     *
     * @param source who chose
     * @param applied whether it had a say in the route
     */
    public record Assignment(Tier tier, String source, boolean applied) {}
}
