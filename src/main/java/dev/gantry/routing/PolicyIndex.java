package dev.gantry.routing;

import dev.gantry.inference.LaneId;
import dev.gantry.inference.RequestOptions;
import dev.gantry.inference.RequestOptions.PolicyChoice;
import dev.gantry.inference.RoutingPolicy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The policies of one state of the catalogue, their links resolved once; never changed. */
final class PolicyIndex {
    private static final String MEMBER = "gantry.routing.policy";

    /** More names would help nobody who mistyped one. */
    private static final int NAMED = 20;

    private final LaneIndex lanes;
    private final RoutingSettings settings;
    private final Map<String, Chosen> byName = new TreeMap<>();

    PolicyIndex(LaneIndex lanes, RoutingSettings settings, Map<String, RoutingPolicy> policies) {
        this.lanes = lanes;
        this.settings = settings;
        policies.forEach((name, policy) -> byName.put(name, chain(policy)));
    }

    /** What a request's choice of a policy comes to. */
    sealed interface Chosen {
        /**
         * Its chain.
         *
         * @param groups what each link offers; one whose lanes are all gone offers nothing
         */
        record Chain(AppliedPolicy applied, List<List<Offer>> groups) implements Chosen {
            public Chain {
                groups = List.copyOf(groups);
            }
        }

        /**
         * It may not be used.
         *
         * @param message names the member, what stands there and what is allowed
         */
        record Refused(String message) implements Chosen {}
    }

    Chosen choose(RequestOptions options, PolicyChoice choice) {
        List<String> allowed = options.allowance().policies();
        String named = choice instanceof PolicyChoice.Named(String name) ? name : null;
        if (!allowed.isEmpty() && (named == null || !allowed.contains(named))) {
            return new Chosen.Refused(
                    "%s: %s is not allowed on topic %s; allowed is %s"
                            .formatted(
                                    MEMBER,
                                    named == null ? "a policy of the request's own" : named,
                                    options.allowance().topic(),
                                    String.join(", ", allowed)));
        }
        return switch (choice) {
            case PolicyChoice.Named(String name) -> {
                Chosen known = byName.get(name);
                yield known == null ? new Chosen.Refused(unknown(name)) : known;
            }
            case PolicyChoice.Inline(RoutingPolicy policy) ->
                    settings.inlinePolicies()
                            ? chain(policy.within(settings.maxAttempts()))
                            : new Chosen.Refused(
                                    MEMBER
                                            + ": a policy of the request's own is not allowed here;"
                                            + " allowed is the name of one: "
                                            + names());
        };
    }

    /** Of a policy that may be used. */
    Chosen.Chain chain(RoutingPolicy policy) {
        List<List<Offer>> groups = new ArrayList<>(policy.chain().size());
        Map<LaneId, RoutingPolicy.Link> links = new HashMap<>();
        for (RoutingPolicy.Link link : policy.chain()) {
            List<Offer> group = lanes.linked(link);
            groups.add(group);
            group.forEach(each -> links.putIfAbsent(each.lane().id(), link));
        }
        return new Chosen.Chain(new AppliedPolicy(policy, links), groups);
    }

    private String unknown(String name) {
        return "%s: unknown policy %s; allowed is one of %s".formatted(MEMBER, name, names());
    }

    private String names() {
        if (byName.isEmpty()) {
            return "none (there are none)";
        }
        String first = String.join(", ", byName.keySet().stream().limit(NAMED).toList());
        return byName.size() > NAMED ? first + ", …" : first;
    }
}
