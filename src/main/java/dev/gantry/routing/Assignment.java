package dev.gantry.routing;

import dev.gantry.inference.Tier;

import java.util.Locale;

/**
 * A tier that something other than the caller chose for a request.
 *
 * @param applied whether it had a say in the route: a forced tier always, an advisory one if the
 *     caller left the choice open and the route has a lane of it
 */
public record Assignment(Tier tier, Source source, boolean applied) {
    /** Who chose; only sensitivity forces, the others advise. */
    public enum Source {
        SENSITIVITY,
        HINT,
        ROLE,
        PRIORITY;

        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Overrides the caller and closes every other tier. */
    public boolean forced() {
        return source == Source.SENSITIVITY;
    }
}
