package dev.gantry.routing;

import org.jspecify.annotations.Nullable;

/**
 * A lane of a wanted model that a request may not use, and the first filter that says so.
 *
 * @param lacks of a dialect: what it has no form for; null: another filter says so
 */
public record Exclusion(Lane lane, Filter filter, @Nullable String lacks) {
    Exclusion(Lane lane, Filter filter) {
        this(lane, filter, null);
    }

    /** The word used in events, with what is lacking. */
    public String label() {
        return lacks == null ? filter.label() : filter.label() + ": " + lacks;
    }
}
