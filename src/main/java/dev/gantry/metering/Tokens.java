package dev.gantry.metering;

import dev.gantry.inference.Attempt;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Operation;
import dev.gantry.inference.Usage;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;

/**
 * The most that an attempt can have used.
 *
 * @param output null where nobody limits it
 */
record Tokens(long input, @Nullable Long output) {
    /**
     * The body's bytes for the input, because a token is at least one of them while an estimate may
     * be too low; the projection for the output; what was already counted where that is more.
     */
    static Tokens most(InferenceRequest request, Attempt.Dispatch dispatch, @Nullable Usage usage) {
        Operation operation = request.operation();
        long input = usage == null ? 0 : Counted.zeroIfAbsent(usage.input());
        long output = usage == null ? 0 : Counted.zeroIfAbsent(usage.output());
        Long limit =
                operation == Operation.EMBEDDINGS ? Long.valueOf(0) : dispatch.projectedOutput();
        return new Tokens(
                Math.max(input, Math.max(dispatch.projectedInput(), request.body().size())),
                limit == null ? null : Long.valueOf(Math.max(output, limit)));
    }

    /** At the dearest rate that could apply; null where a rate or the limit is unknown. */
    @Nullable BigDecimal price(Price price) {
        if (price.input() == null || output == null) {
            return null;
        }
        BigDecimal rate = max(max(price.input(), price.cachedInput()), price.cacheWrite());
        BigDecimal total = rate.multiply(BigDecimal.valueOf(input));
        if (output > 0) {
            if (price.output() == null) {
                return null;
            }
            total = total.add(price.output().multiply(BigDecimal.valueOf(output)));
        }
        return Money.roundUp(total.movePointLeft(6));
    }

    private static BigDecimal max(BigDecimal rate, @Nullable BigDecimal other) {
        return other == null ? rate : rate.max(other);
    }
}
