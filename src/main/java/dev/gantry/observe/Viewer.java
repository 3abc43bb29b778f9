package dev.gantry.observe;

import org.jspecify.annotations.Nullable;

/**
 * Who looks at a page. What a message says (a reason, an error, who did it) is for the operator:
 * whoever reaches the port sees states, kinds and numbers.
 */
enum Viewer {
    ANYBODY,
    OPERATOR;

    /** Of the request that this thread answers. */
    static final ScopedValue<Viewer> CURRENT = ScopedValue.newInstance();

    static boolean readsMessages() {
        return CURRENT.orElse(ANYBODY) == OPERATOR;
    }

    /** What to add to a line that says enough without it. */
    static String because(@Nullable String reason) {
        return readsMessages() ? ": " + reason : "";
    }
}
