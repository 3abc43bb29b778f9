package dev.gantry.audit;

import org.jspecify.annotations.Nullable;

/** What one audit event says of the prompt and the answer. */
public sealed interface Disclosure {
    /** Both as they are. */
    record Full() implements Disclosure {}

    /**
     * HMAC-SHA-256 in hex: two can be compared, none can be read.
     *
     * @param messages null where the request has none
     * @param answer null where none came
     */
    record Hashed(@Nullable String messages, @Nullable String answer) implements Disclosure {}

    /** Nothing. */
    record Withheld() implements Disclosure {}

    /** The word in the event. */
    default String label() {
        return switch (this) {
            case Full _ -> "full";
            case Hashed _ -> "hash";
            case Withheld _ -> "none";
        };
    }
}
