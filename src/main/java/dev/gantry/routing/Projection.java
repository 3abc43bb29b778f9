package dev.gantry.routing;

import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.RequestBody;
import dev.gantry.metering.PriceList;
import dev.gantry.metering.Tokens;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;

/** What a request's work on a lane costs, in US dollars, before it is done; null: not known. */
public final class Projection {
    private Projection() {}

    /** With all the output that it may have: what the request asks for, or the model can give. */
    public static @Nullable BigDecimal atMost(
            PriceList prices, Lane lane, InferenceRequest request) {
        return of(prices, lane, request, lane.maxOutputTokens());
    }

    /**
     * To compare lanes by. Where the request sets no limit, as many tokens come out as go in: a
     * model that could write more is not dearer for it.
     */
    public static @Nullable BigDecimal compared(
            PriceList prices, Lane lane, InferenceRequest request) {
        return of(prices, lane, request, request.body().facts().estimatedInputTokens());
    }

    private static @Nullable BigDecimal of(
            PriceList prices, Lane lane, InferenceRequest request, @Nullable Long unlimited) {
        RequestBody.Facts facts = request.body().facts();
        Long output =
                request.operation().tokens().hasOutput()
                        ? output(lane, facts, unlimited)
                        : Long.valueOf(0);
        return prices.projected(
                request, lane.id(), new Tokens(facts.estimatedInputTokens(), output));
    }

    private static @Nullable Long output(
            Lane lane, RequestBody.Facts facts, @Nullable Long unlimited) {
        Long asked =
                facts.requestedOutputTokens() == null ? unlimited : facts.requestedOutputTokens();
        if (asked == null) {
            return null;
        }
        Long ceiling = lane.maxOutputTokens();
        return facts.ofAllChoices(ceiling == null ? asked : Math.min(asked, ceiling));
    }
}
