package dev.gantry.inference;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;

/**
 * One dispatch to one lane, ended.
 *
 * @param took from dispatch to last byte, on a monotonic clock
 * @param streamed null: nothing came before its end
 */
public record Attempt(Dispatch dispatch, Duration took, End end, @Nullable Streamed streamed) {
    /** Its answer came whole, or not at all. */
    public Attempt(Dispatch dispatch, Duration took, End end) {
        this(dispatch, took, end, null);
    }

    /**
     * Of an answer that came in pieces.
     *
     * @param firstDelta from dispatch to the first; null: it was cut before
     * @param came what a stream that was cut has used as far as is known or can be told from what
     *     came; null: it was not
     */
    public record Streamed(@Nullable Duration firstDelta, @Nullable Usage came) {}

    /**
     * A dispatch about to be made: what is known before a byte is sent.
     *
     * @param reason why this lane (routing.reason of the meter event)
     * @param projectedInput estimated input tokens; of a request whose media is elsewhere the most
     *     that the lane takes, null where that is unknown
     * @param projectedOutput the most output tokens that could be billed; null where nobody limits
     *     them
     * @param deadline when this attempt is given up
     * @param step of the policy in force; null: none is
     * @param assignment of a tier to the request; null: none
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
            @Nullable Long projectedOutput,
            RoutingPolicy.@Nullable Step step,
            @Nullable Assignment assignment) {}

    /** What came of it. */
    public sealed interface End {
        /** The lane did its work. */
        record Succeeded(Answer answer) implements End {}

        /**
         * It did not.
         *
         * @param answer the provider's whole answer, null where none came
         */
        record Failed(AttemptError error, @Nullable Answer answer) implements End {}
    }

    public AttemptId id() {
        return dispatch.id();
    }

    public LaneId lane() {
        return dispatch.lane();
    }

    /** The provider's whole answer, null where none came. */
    public @Nullable Answer answer() {
        return switch (end) {
            case End.Succeeded(Answer answer) -> answer;
            case End.Failed(_, Answer answer) -> answer;
        };
    }

    /** Null exactly when the attempt succeeded. */
    public @Nullable AttemptError error() {
        return end instanceof End.Failed(AttemptError error, _) ? error : null;
    }

    /** The same without the bytes of its answer. */
    public Attempt bodiless() {
        Answer answer = answer();
        Answer left = answer == null ? null : answer.bodiless();
        if (left == null || left.equals(answer)) { // it has been dropped before
            return this;
        }
        return switch (end) {
            case End.Succeeded _ -> with(new End.Succeeded(left));
            case End.Failed(AttemptError error, _) -> with(new End.Failed(error, left));
        };
    }

    private Attempt with(End other) {
        return new Attempt(dispatch, took, other, streamed);
    }

    public boolean succeeded() {
        return end instanceof End.Succeeded;
    }

    /** The HTTP status, null where no answer came. */
    public @Nullable Integer status() {
        Answer answer = answer();
        return answer == null ? null : answer.status();
    }
}
