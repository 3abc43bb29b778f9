package dev.gantry.config.catalog;

import dev.gantry.routing.Glob;

/** What an id in the settings of a discovering provider stands for. Pure. */
final class ModelPattern {
    private static final String LATEST = "latest";

    private ModelPattern() {}

    /** Whether it means the listed model: itself, its name without the tag, or a glob. */
    static boolean matches(String id, String listed) {
        return id.equals(listed)
                || id.equals(untagged(listed))
                || (Glob.isPattern(id) && Glob.matches(id, listed));
    }

    /** {@code llama3} of {@code llama3:8b}; what has no tag is its own name. */
    static String untagged(String listed) {
        int colon = listed.lastIndexOf(':');
        return colon > 0 && listed.indexOf('/', colon) < 0 ? listed.substring(0, colon) : listed;
    }

    /** The tag that a name without one means. */
    static String latest(String name) {
        return name + ":" + LATEST;
    }
}
