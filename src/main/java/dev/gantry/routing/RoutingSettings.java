package dev.gantry.routing;

import dev.gantry.inference.CostGoal;
import dev.gantry.inference.Effort;
import dev.gantry.inference.Tier;
import dev.gantry.inference.WhenBenched;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
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
 * @param priorities what the request's priority advises
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
        @DefaultValue Map<String, Advice> priorities) {
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

    /** How eligible lanes of one model are ranked; weight decides among equals. */
    public enum Order {
        WEIGHT,
        /** The lowest price of the request's work. */
        COST,
        /** The lowest p95 of the latest answers. */
        LATENCY,
        /** The lowest price, as long as the time left covers waiting for it and its p95. */
        DEADLINE;

        /** The word used in configuration and events. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
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
     * What is advised where the caller leaves the choice open: a tier, or more.
     *
     * @param effort where the caller names none; null: none
     * @param cost likewise
     */
    public record Advice(Tier tier, @Nullable Effort effort, @Nullable CostGoal cost) {
        public Advice {
            if (tier == null) {
                throw new IllegalArgumentException(
                        "gantry.routing.priorities: an entry lacks its tier, which is required");
            }
        }

        /** The binder's way from text. */
        public static Advice of(String text) {
            return new Advice(
                    Tier.of(text.strip().toLowerCase(Locale.ROOT)).orElseThrow(), null, null);
        }

        /** The catalogue's hash is made of it: a tier alone is what it has always been. */
        @Override
        public String toString() {
            return tier + wishes(effort, cost);
        }
    }

    private static String wishes(@Nullable Effort effort, @Nullable CostGoal cost) {
        return effort == null && cost == null ? "" : ", effort=%s, cost=%s".formatted(effort, cost);
    }

    /**
     * Advice for some callers.
     *
     * @param match glob on the caller's identity: {@code *} any text, {@code ?} one character
     */
    public record Role(String match, Tier tier, @Nullable Effort effort, @Nullable CostGoal cost) {
        Advice advice() {
            return new Advice(tier, effort, cost);
        }

        /** As of {@link Advice}. */
        @Override
        public String toString() {
            return "Role[match=%s, tier=%s%s]".formatted(match, tier, wishes(effort, cost));
        }

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
