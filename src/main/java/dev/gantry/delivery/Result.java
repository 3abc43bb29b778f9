package dev.gantry.delivery;

import dev.gantry.inference.Answer;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.RequestId;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/**
 * One line of the batch output, and what Gantry adds to it.
 *
 * @param id derived from the deployment and the source position: a redelivery repeats it
 * @param queued from the record's timestamp to the first dispatch
 * @param took from receipt to conclusion
 */
record Result(
        String id,
        RequestId requestId,
        String customId,
        @Nullable String batchId,
        Ending ending,
        Tries tries,
        Duration queued,
        Duration took) {
    static final String TYPE = "dev.gantry.request.completed.v1";

    /** The same without the bytes of its answer: for what waits with the written record. */
    Result bodiless() {
        return switch (ending) {
            case Ending.Answered(String outcome, Attempt attempt, Answer answer) ->
                    ending(new Ending.Answered(outcome, attempt, answer.bodiless()));
            case Ending.Unanswered _ -> this;
        };
    }

    /** The same request ended otherwise. */
    Result ending(Ending other) {
        return new Result(id, requestId, customId, batchId, other, tries, queued, took);
    }
}
