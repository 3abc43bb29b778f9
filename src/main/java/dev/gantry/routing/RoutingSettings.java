package dev.gantry.routing;

import dev.gantry.inference.Tier;

import org.jspecify.annotations.Nullable;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Everything under {@code gantry.routing}.
 *
 * @param escalate false: one lane, one call, its own error as the outcome
 * @param maxRefusals bounds the refusals that use no attempt
 * @param contextHeadroom the share of a context window that a request may fill
 * @param tierWeights what the catalogue multiplies into {@link Lane#weight()}
 * @param fallbackModels tried after the request's own model and fallbacks
 * @param enterprisePrivacy true: cloud and frontier are closed to everybody
 * @param deniedModels never used; parts of a model's name, case-insensitive
 * @param allowedModels if not empty, only these; likewise
 * @param roles the first that matches the caller's identity gives an advisory tier
 * @param priorities advisory tier by the request's priority
 */
public record RoutingSettings(
        boolean escalate,
        int maxAttempts,
        int maxRefusals,
        double contextHeadroom,
        Map<Tier, Integer> tierWeights,
        Order order,
        @Nullable String defaultProvider,
        @Nullable String defaultModel,
        List<String> fallbackModels,
        UnknownModel unknownModel,
        ModelMismatch modelMismatch,
        WhenBenched whenBenched,
        boolean inlinePolicies,
        boolean enterprisePrivacy,
        List<String> deniedModels,
        List<String> allowedModels,
        List<Role> roles,
        Map<String, Tier> priorities) {

    /** The shipped defaults. */
    public static final RoutingSettings DEFAULT =
            new RoutingSettings(
                    true,
                    3,
                    100,
                    0.90,
                    Map.of(
                            Tier.LOCAL, 110,
                            Tier.FLEET, 110,
                            Tier.DIRECT, 105,
                            Tier.CLOUD, 120,
                            Tier.FRONTIER, 150),
                    Order.WEIGHT,
                    null,
                    null,
                    List.of(),
                    UnknownModel.REJECT,
                    ModelMismatch.DEFAULT,
                    WhenBenched.WAIT,
                    true,
                    false,
                    List.of(),
                    List.of(),
                    List.of(),
                    Map.of());

    public RoutingSettings {
        atLeast("max-attempts", maxAttempts, 1);
        atLeast("max-refusals", maxRefusals, 1);
        if (!(contextHeadroom > 0 && contextHeadroom <= 1)) {
            throw new IllegalArgumentException(
                    "gantry.routing.context-headroom: %s; allowed is more than 0, at most 1"
                            .formatted(contextHeadroom));
        }
        tierWeights.forEach((tier, weight) -> atLeast("tier-weights." + tier.label(), weight, 0));
        noneBlank("fallback-models", fallbackModels);
        noneBlank("denied-models", deniedModels);
        noneBlank("allowed-models", allowedModels);
        tierWeights = complete(tierWeights);
        fallbackModels = List.copyOf(fallbackModels);
        deniedModels = List.copyOf(deniedModels);
        allowedModels = List.copyOf(allowedModels);
        roles = List.copyOf(roles);
        priorities = Map.copyOf(priorities);
    }

    /** How eligible lanes of one model are ranked. */
    public enum Order {
        WEIGHT,
        COST,
        LATENCY
    }

    /** What to do when no lane offers the model. */
    public enum UnknownModel {
        REJECT,
        AUTO
    }

    /** What to do when a hard provider lacks {@code body.model}. */
    public enum ModelMismatch {
        DEFAULT,
        REJECT
    }

    /** What to do when every lane left is benched. */
    public enum WhenBenched {
        WAIT,
        FAIL
    }

    /**
     * An advisory tier for some callers.
     *
     * @param match glob on the caller's identity: {@code *} any text, {@code ?} one character
     */
    public record Role(String match, Tier tier) {
        public Role {
            if (match.isBlank()) {
                throw new IllegalArgumentException(
                        "gantry.routing.roles: match is empty; it takes a glob of caller"
                                + " identities");
            }
        }
    }

    /** A tier that is not named weighs 100, as every other weight does. */
    private static Map<Tier, Integer> complete(Map<Tier, Integer> weights) {
        Map<Tier, Integer> all = new EnumMap<>(Tier.class);
        for (Tier tier : Tier.values()) {
            all.put(tier, weights.getOrDefault(tier, 100));
        }
        return Map.copyOf(all);
    }

    private static void atLeast(String key, int value, int bound) {
        if (value < bound) {
            throw new IllegalArgumentException(
                    "gantry.routing.%s: %d; allowed is %d or more".formatted(key, value, bound));
        }
    }

    private static void noneBlank(String key, List<String> values) {
        for (String value : values) {
            if (value.isBlank()) {
                throw new IllegalArgumentException(
                        "gantry.routing.%s: an entry is empty; it takes model names"
                                .formatted(key));
            }
        }
    }
}
