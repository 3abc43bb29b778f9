package dev.gantry.routing;

import dev.gantry.inference.Tier;
import dev.gantry.inference.WhenBenched;
import dev.gantry.routing.RoutingSettings.Advice;
import dev.gantry.routing.RoutingSettings.ModelMismatch;
import dev.gantry.routing.RoutingSettings.Order;
import dev.gantry.routing.RoutingSettings.Role;
import dev.gantry.routing.RoutingSettings.UnknownModel;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;

/** Routing settings for tests: the shipped ones, until told otherwise. */
public final class SettingsDraft {
    private static final RoutingSettings SHIPPED = RoutingSettings.DEFAULT;

    private boolean escalate = SHIPPED.escalate();
    private WhenBenched whenBenched = SHIPPED.whenBenched();
    private int maxAttempts = SHIPPED.maxAttempts();
    private int maxRefusals = SHIPPED.maxRefusals();
    private double headroom = SHIPPED.contextHeadroom();
    private @Nullable String defaultProvider;
    private @Nullable String defaultModel;
    private List<String> fallbackModels = List.of();
    private UnknownModel unknownModel = SHIPPED.unknownModel();
    private ModelMismatch modelMismatch = SHIPPED.modelMismatch();
    private boolean inlinePolicies = SHIPPED.inlinePolicies();
    private boolean enterprisePrivacy;
    private List<String> denied = List.of();
    private List<String> allowed = List.of();
    private List<Role> roles = List.of();
    private Map<String, Advice> priorities = Map.of();
    private Order order = SHIPPED.order();

    private SettingsDraft() {}

    public static SettingsDraft settings() {
        return new SettingsDraft();
    }

    public SettingsDraft whenBenched(WhenBenched value) {
        whenBenched = value;
        return this;
    }

    public SettingsDraft escalate(boolean value) {
        escalate = value;
        return this;
    }

    public SettingsDraft maxAttempts(int value) {
        maxAttempts = value;
        return this;
    }

    public SettingsDraft maxRefusals(int value) {
        maxRefusals = value;
        return this;
    }

    public SettingsDraft headroom(double value) {
        headroom = value;
        return this;
    }

    public SettingsDraft defaultProvider(String name) {
        defaultProvider = name;
        return this;
    }

    public SettingsDraft defaultModel(String name) {
        defaultModel = name;
        return this;
    }

    public SettingsDraft fallbackModels(String... names) {
        fallbackModels = List.of(names);
        return this;
    }

    public SettingsDraft unknownModel(UnknownModel value) {
        unknownModel = value;
        return this;
    }

    public SettingsDraft modelMismatch(ModelMismatch value) {
        modelMismatch = value;
        return this;
    }

    public SettingsDraft withoutInlinePolicies() {
        inlinePolicies = false;
        return this;
    }

    public SettingsDraft enterprisePrivacy() {
        enterprisePrivacy = true;
        return this;
    }

    public SettingsDraft denied(String... parts) {
        denied = List.of(parts);
        return this;
    }

    public SettingsDraft allowed(String... parts) {
        allowed = List.of(parts);
        return this;
    }

    public SettingsDraft role(String match, Tier tier) {
        roles = List.of(new Role(match, tier, null, null));
        return this;
    }

    public SettingsDraft priority(String priority, Tier tier) {
        return priority(priority, new Advice(tier, null, null));
    }

    public SettingsDraft priority(String priority, Advice advice) {
        priorities = Map.of(priority, advice);
        return this;
    }

    public SettingsDraft role(Role role) {
        roles = List.of(role);
        return this;
    }

    public SettingsDraft order(Order value) {
        order = value;
        return this;
    }

    public RoutingSettings build() {
        return new RoutingSettings(
                escalate,
                maxAttempts,
                maxRefusals,
                headroom,
                SHIPPED.tierWeights(),
                order,
                defaultProvider,
                defaultModel,
                fallbackModels,
                unknownModel,
                modelMismatch,
                whenBenched,
                inlinePolicies,
                enterprisePrivacy,
                denied,
                allowed,
                roles,
                priorities);
    }
}
