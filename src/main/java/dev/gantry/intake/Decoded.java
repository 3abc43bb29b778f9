package dev.gantry.intake;

import dev.gantry.inference.InferenceRequest;

import org.jspecify.annotations.Nullable;

/** What a record turned out to be. */
sealed interface Decoded {
    record Valid(InferenceRequest request) implements Decoded {}

    /**
     * A record that cannot be used.
     *
     * @param message names the member, the value and what is allowed
     * @param customId null where it could not be read: then no result can be addressed to anybody
     */
    record Invalid(String message, @Nullable String customId, @Nullable String batchId)
            implements Decoded {}
}
