package dev.gantry.inference;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the requests of one topic may use; what is empty bounds nothing.
 *
 * @param models globs: one of them has to match a lane's model or one of its aliases
 * @param policies names of the configuration's; a request that names none is not concerned
 */
public record Allowance(String topic, Set<Tier> tiers, List<String> models, List<String> policies) {
    /** Of a topic that bounds nothing. */
    public static final Allowance ALL = new Allowance("", Set.of(), List.of(), List.of());

    public Allowance {
        tiers = Set.copyOf(tiers);
        models = List.copyOf(models);
        policies = List.copyOf(policies);
    }

    /** Whether lanes are bounded at all. */
    public boolean boundsLanes() {
        return !tiers.isEmpty() || !models.isEmpty();
    }

    /** The bounds of lanes, for people. */
    public String lanes() {
        List<String> parts = new ArrayList<>(2);
        if (!tiers.isEmpty()) {
            parts.add(
                    "tiers "
                            + tiers.stream()
                                    .sorted()
                                    .map(Tier::label)
                                    .collect(Collectors.joining(", ")));
        }
        if (!models.isEmpty()) {
            parts.add("models " + String.join(", ", models));
        }
        return String.join(" and ", parts);
    }
}
