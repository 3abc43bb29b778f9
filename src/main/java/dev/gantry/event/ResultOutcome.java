package dev.gantry.event;

import dev.gantry.inference.Answer;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptError;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.Outcome;

/** How a request's end reads in its result. */
public sealed interface ResultOutcome {
    /** The contract's word. */
    String outcome();

    /** A provider's answer is the result: what was asked for, or its refusal. */
    record Answered(String outcome, Attempt attempt, Answer answer) implements ResultOutcome {
        public Answered {
            attempt = attempt.bodiless();
        }
    }

    /**
     * What Gantry itself could not do.
     *
     * @param message the request's own: it may quote providers
     * @param reason the same without their words
     */
    record Unanswered(String outcome, FailureCode code, String message, String reason)
            implements ResultOutcome {}

    /**
     * Reads an outcome.
     *
     * @param outcome not Abandoned: that has no result
     */
    static ResultOutcome of(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Succeeded(Attempt selected) -> succeeded(selected);
            case Outcome.Refused(Attempt last) -> refused(last);
            case Outcome.Failed(FailureCode code, String message, String reason) ->
                    new Unanswered(word(code), code, message, reason);
            case Outcome.Abandoned _ ->
                    throw new IllegalArgumentException("an abandoned request has no result");
        };
    }

    /** In words that are our own. */
    static ResultOutcome unanswered(FailureCode code, String message) {
        return new Unanswered(word(code), code, message, message);
    }

    private static ResultOutcome succeeded(Attempt selected) {
        if (!(selected.end() instanceof Attempt.End.Succeeded(Answer answer))) {
            throw new IllegalArgumentException(
                    "attempt " + selected.id() + " is selected but has failed");
        }
        return new Answered("succeeded", selected, answer);
    }

    /**
     * A broken answer under a status that says success is not passed on as one: whoever reads the
     * results by status would take it for the answer.
     */
    private static ResultOutcome refused(Attempt last) {
        AttemptError error = last.error();
        ErrorKind kind = error == null ? ErrorKind.UNKNOWN : error.kind();
        boolean refusal = kind == ErrorKind.BAD_REQUEST || kind == ErrorKind.CONTENT_POLICY;
        Answer answer = last.answer();
        if (answer != null && (refusal || answer.status() >= 400)) {
            return new Answered(refusal ? "refused" : "failed", last, answer);
        }
        String lane =
                last.lane().value() + ": " + (error == null ? "no error given" : kind.label());
        return new Unanswered(
                "failed",
                FailureCode.ESCALATION_EXHAUSTED,
                error == null ? lane : lane + ", " + error.message(),
                error == null ? lane : lane + ", " + error.reason());
    }

    /** The contract's word for how a request ended; one that was given back goes on elsewhere. */
    static String word(Outcome outcome) {
        return outcome instanceof Outcome.Abandoned ? "abandoned" : of(outcome).outcome();
    }

    /** The contract's word for requests that end by the code. */
    static String word(FailureCode code) {
        return switch (code) {
            case BATCH_EXPIRED -> "expired";
            case BATCH_CANCELLED -> "cancelled";
            case INVALID_REQUEST -> "invalid";
            case NO_LANE_AVAILABLE,
                    ALL_LANES_BENCHED,
                    ESCALATION_EXHAUSTED,
                    CONTEXT_OVERFLOW,
                    POLICY_DENIED,
                    BUDGET_EXCEEDED,
                    RESULT_TOO_LARGE,
                    INTERNAL_ERROR ->
                    "failed";
        };
    }
}
