package dev.gantry.limit;

import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.RequestBody;

import org.jspecify.annotations.Nullable;

/**
 * How large a call is before it is made.
 *
 * @param input tokens, as estimated
 * @param output tokens that the request asks for at most, of all its choices; null: it does not say
 */
public record CallSize(long input, @Nullable Long output) {
    public static final CallSize NONE = new CallSize(0, 0L);

    /** Of a request, whichever lane it is called on. */
    public static CallSize of(InferenceRequest request) {
        RequestBody.Facts facts = request.body().facts();
        Long each = facts.requestedOutputTokens();
        if (!request.operation().tokens().hasOutput()) {
            return new CallSize(facts.estimatedInputTokens(), 0L);
        }
        return new CallSize(
                facts.estimatedInputTokens(), each == null ? null : facts.ofAllChoices(each));
    }
}
