package dev.gantry.request;

import dev.gantry.inference.InferenceRequest;

import org.jspecify.annotations.Nullable;

/** What a record turned out to be. */
public sealed interface DecodedRecord {
    record Valid(InferenceRequest request) implements DecodedRecord {}

    /**
     * A record that cannot be used.
     *
     * @param message names the member, the value and what is allowed
     * @param customId null where it could not be read: then no result can be addressed to anybody
     */
    record Invalid(String message, @Nullable String customId, @Nullable String batchId)
            implements DecodedRecord {}
}
