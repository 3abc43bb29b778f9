package dev.gantry.routing;

import dev.gantry.inference.Tier;
import dev.gantry.inference.WhenBenched;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

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
        @DefaultValue("true") boolean escalate,
        @DefaultValue("3") int maxAttempts,
        @DefaultValue("100") int maxRefusals,
        @DefaultValue("0.90") double contextHeadroom,
        @DefaultValue Map<Tier, Integer> tierWeights,
        @DefaultValue("weight") Order order,
        @Nullable String defaultProvider,
        @Nullable String defaultModel,
        @DefaultValue List<String> fallbackModels,
        @DefaultValue("reject") UnknownModel unknownModel,
        @DefaultValue("default") ModelMismatch modelMismatch,
        @DefaultValue("wait") WhenBenched whenBenched,
        @DefaultValue("true") boolean inlinePolicies,
        @DefaultValue("false") boolean enterprisePrivacy,
        @DefaultValue List<String> deniedModels,
        @DefaultValue List<String> allowedModels,
        @DefaultValue List<Role> roles,
        @DefaultValue Map<String, Tier> priorities) {
    private static final Map<Tier, Integer> TIER_WEIGHTS =
            Map.of(
                    Tier.LOCAL, 110,
                    Tier.FLEET, 110,
                    Tier.DIRECT, 105,
                    Tier.CLOUD, 120,
                    Tier.FRONTIER, 150);

    /** The shipped defaults. */
    public static final RoutingSettings DEFAULT =
            new Binder().bindOrCreate("none", RoutingSettings.class);

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
        tierWeights = withDefaults(tierWeights);
        defaultProvider = absentIfBlank(defaultProvider);
        defaultModel = absentIfBlank(defaultModel);
        fallbackModels = List.copyOf(fallbackModels);
        deniedModels = List.copyOf(deniedModels);
        allowedModels = List.copyOf(allowedModels);
        roles = List.copyOf(roles);
        priorities = Collections.unmodifiableMap(new TreeMap<>(priorities));
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

    /**
     * An advisory tier for some callers.
     *
     * @param match glob on the caller's identity: {@code *} any text, {@code ?} one character
     */
    public record Role(String match, Tier tier) {
        public Role {
            // What an entry lacks comes as null from the binder.
            if (match == null || tier == null) {
                throw new IllegalArgumentException(
                        "gantry.routing.roles: an entry lacks match or tier; both are required");
            }
            if (match.isBlank()) {
                throw new IllegalArgumentException(
                        "gantry.routing.roles: match is empty; it takes a glob of caller"
                                + " identities");
            }
        }
    }

    /** In the order of the tiers: the catalogue's hash is made of it. */
    private static Map<Tier, Integer> withDefaults(Map<Tier, Integer> weights) {
        Map<Tier, Integer> all = new EnumMap<>(TIER_WEIGHTS);
        all.putAll(weights);
        return Collections.unmodifiableMap(all);
    }

    /** A key that is written down without a value counts as not written down. */
    private static @Nullable String absentIfBlank(@Nullable String value) {
        return value == null || value.isBlank() ? null : value;
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
