package dev.gantry.worker;

import dev.gantry.inference.RequestId;
import dev.gantry.inference.SourceRecord;

import org.jspecify.annotations.Nullable;

/**
 * A record that cannot be used.
 *
 * @param message names the member, the value and what is allowed
 * @param customId null where it could not be read: then nobody can be answered
 */
public record Rejection(
        SourceRecord record, String message, @Nullable String customId, @Nullable String batchId) {
    /** The request's name, null where it has none. */
    public @Nullable RequestId requestId() {
        return customId == null ? null : RequestId.of(batchId, customId);
    }
}
