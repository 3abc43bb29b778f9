package dev.gantry.observe;

import dev.gantry.fleet.SqlTrouble;

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

    /** How it is with the database, and why; null: it has not been asked yet. */
    static String database(@Nullable SqlTrouble trouble) {
        return trouble == null
                ? "the database has not answered yet"
                : trouble.verdict() + because(trouble.reason());
    }

    /** What to add to a line that says enough without it. */
    static String because(@Nullable String reason) {
        return readsMessages() ? ": " + reason : "";
    }
}
