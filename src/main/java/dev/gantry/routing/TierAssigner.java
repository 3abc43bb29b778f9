package dev.gantry.routing;

import dev.gantry.inference.Assignment;
import dev.gantry.inference.Assignment.Source;
import dev.gantry.inference.RequestOptions;
import dev.gantry.inference.Tier;
import dev.gantry.routing.RoutingSettings.Advice;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;

/** Chooses a request's tier where the caller did not (routing rules, section 1.3). */
final class TierAssigner {
    private final List<RoutingSettings.Role> roles;
    private final Map<String, Advice> priorities;

    TierAssigner(RoutingSettings settings) {
        roles = settings.roles();
        priorities = settings.priorities();
    }

    /** The first match wins; null where nothing has an opinion or the caller chose a tier. */
    @Nullable Assignment assign(RequestOptions options) {
        if (options.sensitivity().forcesLocal()) {
            return new Assignment(Tier.LOCAL, Source.SENSITIVITY, true);
        }
        if (options.constraints().tier() != null) {
            return null;
        }
        boolean open =
                options.constraints().equals(RequestOptions.RoutingConstraints.NONE)
                        && options.prefer().equals(RequestOptions.Preference.NONE);
        if (options.hintedTier() != null) {
            return new Assignment(options.hintedTier(), Source.HINT, open);
        }
        Advice role = ofRole(options.caller().get("identity"));
        if (role != null) {
            return advised(role, Source.ROLE, open);
        }
        Advice priority = options.priority() == null ? null : priorities.get(options.priority());
        return priority == null ? null : advised(priority, Source.PRIORITY, open);
    }

    private static Assignment advised(Advice advice, Source source, boolean open) {
        return new Assignment(advice.tier(), source, open, advice.effort(), advice.cost());
    }

    private @Nullable Advice ofRole(@Nullable String identity) {
        if (identity == null) {
            return null;
        }
        for (RoutingSettings.Role role : roles) {
            if (Glob.matches(role.match(), identity)) {
                return role.advice();
            }
        }
        return null;
    }
}
