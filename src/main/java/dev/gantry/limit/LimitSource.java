package dev.gantry.limit;

import java.util.Locale;

/** Who says how much a limit is; the operator's word goes before the others. */
public enum LimitSource {
    CONFIGURED,
    /** The provider, in the headers of its answers. */
    HEADER,
    /** The provider, in a refusal. */
    LEARNT;

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
