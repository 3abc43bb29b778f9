package dev.gantry.inference;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;

/**
 * A policy: which links are tried in which order, and what lets the chain advance. A value, checked
 * by whoever read it.
 *
 * @param name that results and events give it: the configuration's, or {@code inline} and the label
 *     of one that came with its request
 * @param chain at least one link
 * @param caps on what its calls may cost
 * @param event the label of its routing events
 */
public record RoutingPolicy(
        String name,
        List<Link> chain,
        FailoverRules failover,
        Latency latency,
        Caps caps,
        String event) {
    public static final int MOST_LINKS = 16;
    public static final Duration SHORTEST_RACE = Duration.ofMillis(50);
    public static final String DEFAULT_EVENT = "llm.routing";

    /** What a policy is called that came with its request and has no label. */
    public static final String INLINE = "inline";

    /** Of one that has a label: no name of the configuration holds a colon. */
    public static String inline(String label) {
        return INLINE + ":" + label;
    }

    public RoutingPolicy {
        chain = List.copyOf(chain);
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("policy " + name + " has no link");
        }
    }

    /** How many visits of lanes may have been billed before the chain ends. */
    public int maxAttempts() {
        return failover.maxAttempts() == null ? chain.size() : failover.maxAttempts();
    }

    /**
     * Of one that came with its request: bound by what holds without a policy.
     *
     * @param mostAttempts of the configuration
     */
    public RoutingPolicy within(int mostAttempts) {
        int attempts = Math.min(maxAttempts(), mostAttempts);
        return new RoutingPolicy(name, chain, failover.within(attempts), latency, caps, event);
    }

    /**
     * One link of the chain.
     *
     * @param model an id or alias of the provider's
     * @param instance null: every instance that offers the model, by weight
     * @param timeout the longest that a call may take here; null: as the rules or the lane say
     */
    public record Link(
            String provider,
            String model,
            @Nullable String instance,
            @Nullable Duration timeout,
            String label) {
        /**
         * With its own name as its label where it has none.
         *
         * @param label null or blank: none
         */
        public static Link of(
                String provider,
                String model,
                @Nullable String instance,
                @Nullable Duration timeout,
                @Nullable String label) {
            return new Link(
                    provider,
                    model,
                    instance,
                    timeout,
                    label == null || label.isBlank() ? provider + ":" + model : label.strip());
        }
    }

    /**
     * By what an attempt came to its lane.
     *
     * @param policy the policy's name
     * @param label the link's
     * @param event the label of the policy's routing events
     */
    public record Step(String policy, String label, String event) {}

    /** What stands with an attempt of this link. */
    public Step step(Link link) {
        return new Step(name, link.label(), event);
    }

    /** When the next link is started too, and what a link's latency should be; null: nothing. */
    public record Latency(@Nullable Duration raceAfter, @Nullable Duration targetP95) {
        public static final Latency NONE = new Latency(null, null);
    }
}
