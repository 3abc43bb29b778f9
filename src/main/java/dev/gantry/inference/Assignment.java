package dev.gantry.inference;

import org.jspecify.annotations.Nullable;

import java.util.Locale;

/**
 * A tier that something other than the caller chose for a request, and what goes with it.
 *
 * @param applied whether it had a say in the route: a forced tier always, an advisory one if the
 *     caller left the choice open and the route has a lane of it
 * @param effort in the place of the caller's, where the caller says nothing; null: none
 * @param cost likewise
 */
public record Assignment(
        Tier tier,
        Source source,
        boolean applied,
        @Nullable Effort effort,
        @Nullable CostGoal cost) {
    /** A tier and nothing else. */
    public Assignment(Tier tier, Source source, boolean applied) {
        this(tier, source, applied, null, null);
    }

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

    /** The same, as it turned out. */
    public Assignment applied(boolean instead) {
        return new Assignment(tier, source, instead, effort, cost);
    }
}
