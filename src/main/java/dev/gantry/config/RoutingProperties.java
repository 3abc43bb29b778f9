package dev.gantry.config;

import static dev.gantry.config.GantrySettings.absentIfBlank;
import static dev.gantry.config.GantrySettings.sorted;

import dev.gantry.inference.Tier;
import dev.gantry.routing.RoutingSettings;
import dev.gantry.routing.RoutingSettings.ModelMismatch;
import dev.gantry.routing.RoutingSettings.Order;
import dev.gantry.routing.RoutingSettings.UnknownModel;
import dev.gantry.routing.RoutingSettings.WhenBenched;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.DefaultValue;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** {@code gantry.routing} as written; routing itself, which knows no Spring, takes it checked. */
public record RoutingProperties(
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
    public RoutingProperties {
        defaultProvider = absentIfBlank(defaultProvider);
        defaultModel = absentIfBlank(defaultModel);
        Map<Tier, Integer> weights = new EnumMap<>(RoutingSettings.DEFAULT.tierWeights());
        weights.putAll(tierWeights);
        tierWeights = weights;
        priorities = sorted(priorities);
    }

    /** An entry of {@code roles}, as written. */
    public record Role(@Nullable String match, @Nullable Tier tier) {}

    /**
     * Checked.
     *
     * @throws IllegalArgumentException naming the key, the value and what is allowed
     */
    public RoutingSettings settings() {
        return new RoutingSettings(
                escalate,
                maxAttempts,
                maxRefusals,
                contextHeadroom,
                tierWeights,
                order,
                defaultProvider,
                defaultModel,
                fallbackModels,
                unknownModel,
                modelMismatch,
                whenBenched,
                inlinePolicies,
                enterprisePrivacy,
                deniedModels,
                allowedModels,
                roles.stream().map(RoutingProperties::role).toList(),
                priorities);
    }

    private static RoutingSettings.Role role(Role role) {
        if (role.match == null || role.tier == null) {
            throw new IllegalArgumentException(
                    "gantry.routing.roles: an entry lacks match or tier; both are required");
        }
        return new RoutingSettings.Role(role.match, role.tier);
    }
}
