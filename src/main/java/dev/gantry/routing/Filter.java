package dev.gantry.routing;

import java.util.Locale;

/**
 * What may keep a lane out of a route, in the order of testing. Topic, policy and context come
 * last: a lane that they exclude would have been eligible otherwise, which decides how an empty
 * route is reported.
 */
public enum Filter {
    TYPE,
    MISSING_CREDENTIALS,
    WEIGHT,
    PROVIDER,
    INSTANCE,
    MODEL,
    FORCED_TIER,
    TIER,
    PRIVACY,
    CAPABILITIES,
    DIALECT,
    TOPIC,
    POLICY_DENIED,
    CONTEXT;

    /** The word used in messages and events. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
