package dev.gantry.metering;

import dev.gantry.inference.Capability;

import org.jspecify.annotations.Nullable;

import java.util.Set;

/**
 * What a price file says of a model beside its price.
 *
 * @param contextWindow tokens; null: nothing
 * @param maxOutputTokens likewise
 * @param embeds whether it makes embeddings
 */
public record ModelFacts(
        @Nullable Long contextWindow,
        @Nullable Long maxOutputTokens,
        Set<Capability> capabilities,
        boolean embeds) {
    /** Of a model that it does not list. */
    public static final ModelFacts NONE = new ModelFacts(null, null, Set.of(), false);

    public ModelFacts {
        capabilities = Set.copyOf(capabilities);
    }
}
