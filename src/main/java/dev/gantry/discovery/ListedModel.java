package dev.gantry.discovery;

import org.jspecify.annotations.Nullable;

/**
 * A model that an instance lists.
 *
 * @param contextWindow tokens; null where the list does not say
 * @param maxOutputTokens likewise
 */
public record ListedModel(String id, @Nullable Long contextWindow, @Nullable Long maxOutputTokens) {
    /** Of which the list says no more. */
    public static ListedModel of(String id) {
        return new ListedModel(id, null, null);
    }
}
