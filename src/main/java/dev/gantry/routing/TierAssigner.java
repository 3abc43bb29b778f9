package dev.gantry.routing;

import dev.gantry.inference.Terms;
import dev.gantry.inference.Tier;
import dev.gantry.routing.Assignment.Source;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;

/** Chooses a request's tier where the caller did not (routing rules, section 1.3). */
final class TierAssigner {
    private final List<RoutingSettings.Role> roles;
    private final Map<String, Tier> priorities;

    TierAssigner(RoutingSettings settings) {
        roles = settings.roles();
        priorities = settings.priorities();
    }

    /** The first match wins; null where nothing has an opinion or the caller chose a tier. */
    @Nullable Assignment assign(Terms terms) {
        if (terms.sensitivity().forcesLocal()) {
            return new Assignment(Tier.LOCAL, Source.SENSITIVITY, true);
        }
        if (terms.direction().tier() != null) {
            return null;
        }
        boolean open =
                terms.direction().equals(Terms.Direction.NONE)
                        && terms.prefer().equals(Terms.Preference.NONE);
        if (terms.hintedTier() != null) {
            return new Assignment(terms.hintedTier(), Source.HINT, open);
        }
        Tier role = ofRole(terms.caller().get("identity"));
        if (role != null) {
            return new Assignment(role, Source.ROLE, open);
        }
        Tier priority = terms.priority() == null ? null : priorities.get(terms.priority());
        return priority == null ? null : new Assignment(priority, Source.PRIORITY, open);
    }

    private @Nullable Tier ofRole(@Nullable String identity) {
        if (identity == null) {
            return null;
        }
        for (RoutingSettings.Role role : roles) {
            if (Glob.matches(role.match(), identity)) {
                return role.tier();
            }
        }
        return null;
    }
}
