package dev.gantry.delivery;

import dev.gantry.event.AttemptSummary;
import dev.gantry.event.EventSettings;
import dev.gantry.event.OutboundRecord;
import dev.gantry.event.RequestMembers;
import dev.gantry.event.Result;
import dev.gantry.event.ResultOutcome;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptId;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Rejection;
import dev.gantry.inference.RequestId;
import dev.gantry.inference.ResultId;
import dev.gantry.inference.RoutingPolicy;
import dev.gantry.metering.MeterReading;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Turns conclusions into results, and knows how large a result may be. */
public final class Results {
    private final String deployment;

    /** Bytes; set once more when the broker has told its own limit. */
    private volatile long limit;

    public Results(EventSettings settings) {
        this.deployment = settings.origin().deployment();
        this.limit = settings.maxResultSize();
    }

    void limitTo(long bytes) {
        limit = Math.min(limit, bytes);
    }

    /**
     * Whether the attempt's answer can become a result. Its surroundings are not counted: the last
     * few kilobytes below the limit are decided only when the result is built.
     */
    boolean fits(Attempt attempt) {
        return attempt.answer() == null || attempt.answer().body().size() <= limit;
    }

    boolean fits(OutboundRecord record) {
        return record.size() <= limit;
    }

    /**
     * The result of a request that has ended.
     *
     * @param readings of the conclusion's attempts
     * @param policy in force; null: none
     */
    public Result of(
            Conclusion conclusion,
            Map<AttemptId, MeterReading> readings,
            @Nullable RoutingPolicy policy,
            Instant now) {
        InferenceRequest request = conclusion.request();
        List<Attempt> attempts = conclusion.attempts();
        Instant first = attempts.isEmpty() ? now : attempts.getFirst().dispatch().startedAt();
        return new Result(
                ResultId.of(deployment, request.source()),
                request.source().topic(),
                request.id(),
                request.customId(),
                request.batchId(),
                ResultOutcome.of(conclusion.outcome()),
                AttemptSummary.of(metered(attempts, readings)),
                policy == null ? null : policy.name(),
                conclusion.sessionCost(),
                RequestMembers.queued(request, first),
                Duration.between(request.receivedAt(), now));
    }

    /** For a record that never became a request. */
    Result invalid(Rejection rejection, String customId) {
        return new Result(
                ResultId.of(deployment, rejection.record().position()),
                rejection.record().position().topic(),
                RequestId.of(rejection.batchId(), customId),
                customId,
                rejection.batchId(),
                ResultOutcome.unanswered(rejection.code(), rejection.message()),
                AttemptSummary.NONE,
                null,
                null,
                Duration.ZERO,
                Duration.ZERO);
    }

    /** Whether the result is worth keeping: it holds more than what is sent in its place. */
    static boolean keepable(Result result) {
        return !(result.outcome() instanceof ResultOutcome.Unanswered(_, FailureCode code, _, _)
                && code == FailureCode.RESULT_TOO_LARGE);
    }

    /** What is left when the answer does not fit: attempts and costs, and where the answer is. */
    Result tooLarge(Result result, boolean kept) {
        return unfit(
                result,
                kept
                        ? "; it is kept for 7 days: gantry spool show " + result.id()
                        : "; it could not be kept");
    }

    /** The same before it is known whether the answer can be kept. */
    Result tooLarge(Result result) {
        return unfit(result, "");
    }

    private Result unfit(Result result, String where) {
        String what =
                switch (result.outcome()) {
                    case ResultOutcome.Answered answered ->
                            "the answer of %d bytes does not fit into a result of at most %d bytes"
                                    .formatted(answered.answer().body().size(), limit);
                    case ResultOutcome.Unanswered _ ->
                            "the result does not fit into %d bytes".formatted(limit);
                };
        return result.ending(ResultOutcome.unanswered(FailureCode.RESULT_TOO_LARGE, what + where));
    }

    private static List<AttemptSummary.Metered> metered(
            List<Attempt> attempts, Map<AttemptId, MeterReading> readings) {
        List<AttemptSummary.Metered> metered = new ArrayList<>(attempts.size());
        for (Attempt each : attempts) {
            MeterReading reading = readings.get(each.id());
            if (reading != null) { // else a bug kept it from the meter: it ends the request
                metered.add(new AttemptSummary.Metered(each.bodiless(), reading));
            }
        }
        return metered;
    }
}
