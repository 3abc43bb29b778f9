package dev.gantry.inference;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.stream.Stream;

/**
 * A provider's whole HTTP answer, of any status.
 *
 * @param body in OpenAI's form, which is the provider's own where it speaks that dialect
 * @param own what the provider itself said, where that is in another form and no good answer; null:
 *     the body
 * @param requestId the provider's own name of the call (header x-request-id and kin)
 * @param responseId the body's {@code id}
 * @param modelServed the body's {@code model}
 * @param finishReason in the provider's own word
 * @param mended what had to be mended before the body was JSON, in words of ours: {@code
 *     control_characters}, {@code escapes}, {@code encoding}, {@code numbers}, {@code
 *     event_stream}, {@code unterminated}; {@code unknown_blocks} where a translation had to leave
 *     out what it does not know
 */
public record Answer(
        int status,
        Payload body,
        @Nullable Payload own,
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

    /** In the form in which the provider sent it. */
    public Answer(
            int status,
            Payload body,
            @Nullable String requestId,
            @Nullable String responseId,
            @Nullable String modelServed,
            @Nullable String finishReason,
            @Nullable String serviceTier,
            @Nullable Usage usage,
            List<String> mended) {
        this(
                status,
                body,
                null,
                requestId,
                responseId,
                modelServed,
                finishReason,
                serviceTier,
                usage,
                mended);
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

    /** What the provider itself said, in its own words. */
    public Payload said() {
        return own == null ? body : own;
    }

    /** The same with more that was mended. */
    public Answer mended(List<String> more) {
        return with(body, own, Stream.concat(mended.stream(), more.stream()).toList());
    }

    /** The same in another form. */
    public Answer as(Payload other, @Nullable Payload said) {
        return with(other, said, mended);
    }

    /** The same without its body's bytes, which are most of what it takes of the memory. */
    public Answer bodiless() {
        Payload left = body.dropped();
        return left == body && own == null ? this : with(left, null, mended);
    }

    private Answer with(Payload other, @Nullable Payload said, List<String> allMended) {
        return new Answer(
                status,
                other,
                said,
                requestId,
                responseId,
                modelServed,
                finishReason,
                serviceTier,
                usage,
                allMended);
    }
}
