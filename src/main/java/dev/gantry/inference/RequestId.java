package dev.gantry.inference;

import org.jspecify.annotations.Nullable;

/** Names a request for people and joins: {@code batch_id/custom_id}, or the custom id alone. */
public record RequestId(String value) {
    public static RequestId of(@Nullable String batchId, String customId) {
        return new RequestId(batchId == null ? customId : batchId + "/" + customId);
    }

    @Override
    public String toString() {
        return value;
    }
}
