package dev.gantry.inference;

import org.jspecify.annotations.Nullable;

/**
 * A record that cannot be used.
 *
 * @param message names the member, the value and what is allowed
 * @param customId null where it could not be read: then nobody can be answered
 */
public record Rejection(
        SourceRecord record,
        FailureCode code,
        String message,
        @Nullable String customId,
        @Nullable String batchId) {}
