package dev.gantry.inference;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.stream.Stream;

/**
 * A provider's whole HTTP answer, of any status.
 *
 * @param requestId the provider's own name of the call (header x-request-id and kin)
 * @param responseId the body's {@code id}
 * @param modelServed the body's {@code model}
 * @param mended what had to be mended before the body was JSON, in words of ours: {@code
 *     control_characters}, {@code escapes}, {@code encoding}, {@code numbers}, {@code
 *     event_stream}, {@code unterminated}
 */
public record Answer(
        int status,
        Payload body,
        @Nullable String requestId,
        @Nullable String responseId,
        @Nullable String modelServed,
        @Nullable String finishReason,
        @Nullable String serviceTier,
        @Nullable Usage usage,
        List<String> mended) {
    public Answer {
        mended = List.copyOf(mended);
    }

    /** Its bytes are as the provider sent them. */
    public Answer(
            int status,
            Payload body,
            @Nullable String requestId,
            @Nullable String responseId,
            @Nullable String modelServed,
            @Nullable String finishReason,
            @Nullable String serviceTier,
            @Nullable Usage usage) {
        this(
                status,
                body,
                requestId,
                responseId,
                modelServed,
                finishReason,
                serviceTier,
                usage,
                List.of());
    }

    /** The same with more that was mended. */
    public Answer mended(List<String> more) {
        return with(body, Stream.concat(mended.stream(), more.stream()).toList());
    }

    /** The same without its body's bytes, which are most of what it takes of the memory. */
    public Answer bodiless() {
        return with(body.dropped(), mended);
    }

    private Answer with(Payload other, List<String> allMended) {
        return new Answer(
                status,
                other,
                requestId,
                responseId,
                modelServed,
                finishReason,
                serviceTier,
                usage,
                allMended);
    }
}
