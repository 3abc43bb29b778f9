package dev.gantry.event;

import dev.gantry.inference.Answer;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.RequestId;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.time.Duration;

/**
 * One line of the batch output, and what Gantry adds to it.
 *
 * @param id derived from the deployment and the source position: a redelivery repeats it
 * @param sourceTopic that the request came from
 * @param policy in force; null: none
 * @param sessionCost of its session in US dollars; null: no session's cap applies
 * @param queued from the record's timestamp to the first dispatch
 * @param took from receipt to conclusion
 */
public record Result(
        String id,
        String sourceTopic,
        RequestId requestId,
        String customId,
        @Nullable String batchId,
        ResultOutcome outcome,
        AttemptSummary attempts,
        @Nullable String policy,
        @Nullable BigDecimal sessionCost,
        Duration queued,
        Duration took) {
    static final String TYPE = "dev.gantry.request.completed.v1";

    /** The same without the bytes of its answer: for what waits with the written record. */
    public Result bodiless() {
        return switch (outcome) {
            case ResultOutcome.Answered(String outcome, Attempt attempt, Answer answer) ->
                    ending(new ResultOutcome.Answered(outcome, attempt, answer.bodiless()));
            case ResultOutcome.Unanswered _ -> this;
        };
    }

    /** The same request ended otherwise. */
    public Result ending(ResultOutcome other) {
        return new Result(
                id,
                sourceTopic,
                requestId,
                customId,
                batchId,
                other,
                attempts,
                policy,
                sessionCost,
                queued,
                took);
    }
}
