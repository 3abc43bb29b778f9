package dev.gantry.inference;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;

/**
 * One dispatch to one lane, ended.
 *
 * @param took from dispatch to last byte, on a monotonic clock
 * @param answer the provider's whole answer, null where none came
 * @param error null exactly when the attempt succeeded
 */
public record Attempt(
        Dispatch dispatch, Duration took, @Nullable Answer answer, @Nullable AttemptError error) {
    public Attempt {
        if (answer == null && error == null) {
            throw new IllegalArgumentException(
                    "attempt " + dispatch.id() + " has neither an answer nor an error");
        }
    }

    /**
     * A dispatch about to be made: what is known before a byte is sent.
     *
     * @param reason why this lane (routing.reason of the meter event)
     * @param projectedInput estimated input tokens; of a request whose media is elsewhere the most
     *     that the lane takes, null where that is unknown
     * @param projectedOutput the most output tokens that could be billed; null where nobody limits
     *     them
     * @param deadline when this attempt is given up
     */
    public record Dispatch(
            AttemptId id,
            AttemptKind kind,
            LaneId lane,
            Adaptation adaptation,
            String reason,
            Instant startedAt,
            Instant deadline,
            @Nullable Long projectedInput,
            @Nullable Long projectedOutput) {}

    public AttemptId id() {
        return dispatch.id();
    }

    public LaneId lane() {
        return dispatch.lane();
    }

    /** The same without the bytes of its answer. */
    public Attempt bodiless() {
        return answer == null ? this : new Attempt(dispatch, took, answer.bodiless(), error);
    }

    public boolean succeeded() {
        return error == null;
    }

    /** The HTTP status, null where no answer came. */
    public @Nullable Integer status() {
        return answer == null ? null : answer.status();
    }
}
