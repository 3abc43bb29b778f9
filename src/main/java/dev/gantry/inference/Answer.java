package dev.gantry.inference;

import org.jspecify.annotations.Nullable;

/**
 * A provider's whole HTTP answer, of any status.
 *
 * @param requestId the provider's own name of the call (header x-request-id and kin)
 * @param responseId the body's {@code id}
 * @param modelServed the body's {@code model}
 */
public record Answer(
        int status,
        Payload body,
        @Nullable String requestId,
        @Nullable String responseId,
        @Nullable String modelServed,
        @Nullable String finishReason,
        @Nullable String serviceTier,
        @Nullable Usage usage) {
    /** The same without its body's bytes, which are most of what it takes of the memory. */
    public Answer bodiless() {
        return new Answer(
                status,
                body.dropped(),
                requestId,
                responseId,
                modelServed,
                finishReason,
                serviceTier,
                usage);
    }
}
