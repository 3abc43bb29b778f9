package dev.gantry.event;

import dev.gantry.inference.LaneId;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;

/**
 * What routing decided for a request, for the decision event.
 *
 * @param candidates the lanes considered, eligible ones in the order of the route; beyond {@link
 *     #MOST_CANDIDATES} nobody reads them
 * @param strategy how lanes were ranked: {@code chain}, or an order; null: there is none
 * @param rule what put the first of them before the second; null: there is none
 * @param reason why the first of them was chosen, or why there is none
 */
public record RouteReport(
        List<Candidate> candidates,
        @Nullable String strategy,
        @Nullable String rule,
        String reason,
        int maxAttempts) {
    /** One more than an event carries, so that it can say that there were more. */
    public static final int MOST_CANDIDATES = RoutingBody.CANDIDATES + 1;

    public RouteReport {
        candidates = List.copyOf(candidates);
    }

    /**
     * A lane that was considered, as it looked when the route was chosen.
     *
     * @param excludedBy the rule that shut it out, null where it is eligible
     * @param quality low, mid or high; null: nobody said
     * @param projected what the request may cost there, in US dollars; null: not known
     * @param p50 of its latest answers' latency; null: too few to tell, likewise p95
     * @param circuit its state; null: not looked at
     * @param fate what became of it, once the request has ended; null: it was not eligible
     */
    public record Candidate(
            LaneId lane,
            @Nullable String excludedBy,
            @Nullable String quality,
            @Nullable BigDecimal projected,
            @Nullable Duration p50,
            @Nullable Duration p95,
            @Nullable String circuit,
            @Nullable String fate) {
        /** One of which nothing but its eligibility is known. */
        public Candidate(LaneId lane, @Nullable String excludedBy) {
            this(lane, excludedBy, null, null, null, null, null, null);
        }
    }
}
