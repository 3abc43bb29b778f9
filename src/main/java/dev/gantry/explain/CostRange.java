package dev.gantry.explain;

import dev.gantry.escalation.DryRun;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.metering.MeterReading;
import dev.gantry.metering.PriceList;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;

/**
 * What a call may cost, in USD; null: a price or a limit is not known.
 *
 * @param low the estimated input alone, with no answer
 * @param projected the estimated input and all the output that is allowed
 * @param high the most that the meter states of such a call while it is in doubt
 */
public record CostRange(
        @Nullable BigDecimal low, @Nullable BigDecimal projected, @Nullable BigDecimal high) {
    static CostRange of(InferenceRequest request, DryRun.Call call, PriceList prices) {
        return new CostRange(
                prices.projected(request, unanswered(request, call.dispatch())),
                call.projected(),
                MeterReading.dispatched(request, call.dispatch(), prices)
                        .bill()
                        .cost()
                        .upperBound());
    }

    private static Attempt.Dispatch unanswered(InferenceRequest request, Attempt.Dispatch call) {
        return new Attempt.Dispatch(
                call.id(),
                call.kind(),
                call.lane(),
                call.adaptation(),
                call.reason(),
                call.startedAt(),
                call.deadline(),
                request.body().facts().estimatedInputTokens(),
                0L,
                call.step(),
                call.assignment());
    }

    /** This one, whichever of both it comes to: from the lower low to the higher high. */
    CostRange or(CostRange other) {
        return new CostRange(
                low == null || other.low == null ? null : low.min(other.low),
                projected,
                high == null || other.high == null ? null : high.max(other.high));
    }
}
