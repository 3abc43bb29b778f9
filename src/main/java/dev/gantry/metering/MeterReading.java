package dev.gantry.metering;

import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptError;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.MeterOutcome;

/** What an attempt came to: how sure that is, how it ended, what was counted, what it cost. */
public record MeterReading(Evidence evidence, MeterOutcome outcome, TokenCount count, Bill bill) {

    /** Before a byte is sent. */
    public static MeterReading dispatched(
            InferenceRequest request, Attempt.Dispatch dispatch, PriceList prices) {
        return new MeterReading(
                Evidence.DISPATCHED,
                MeterOutcome.DISPATCHED,
                TokenCount.NOTHING,
                Bill.unknown(request, dispatch, prices.price(dispatch.lane())));
    }

    /** After the attempt has ended. */
    public static MeterReading of(InferenceRequest request, Attempt attempt, PriceList prices) {
        BillingOutcome outcome = BillingOutcome.of(attempt);
        TokenCount count = TokenCount.of(request.operation(), attempt);
        if (count.usage() == null && outcome.billed() == BillingOutcome.Billed.NOTHING) {
            return new MeterReading(Evidence.FINAL, outcome.outcome(), count, Bill.NOTHING);
        }
        Bill bill = Bill.of(request, attempt, count, prices.price(attempt.lane()));
        boolean known = count.source() == UsageSource.PROVIDER || bill.equals(Bill.NOTHING);
        return new MeterReading(
                known ? Evidence.FINAL : Evidence.ESTIMATED, outcome.outcome(), count, bill);
    }

    /** Another attempt of a race was first; what this one cost stays what it is. */
    MeterReading raceLost() {
        return new MeterReading(evidence, MeterOutcome.RACE_LOST, count, bill);
    }

    /** Whether request bytes went out; if not, nothing can have been billed. */
    static boolean submitted(Attempt attempt) {
        AttemptError error = attempt.error();
        return error == null || attempt.answer() != null || error.submitted();
    }
}
