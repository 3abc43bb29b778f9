package dev.gantry.metering;

import dev.gantry.inference.Attempt;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Usage;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/**
 * The most that an attempt can have used.
 *
 * @param input null where media is elsewhere and the lane's window unknown
 * @param output null where nobody limits it
 */
public record Tokens(@Nullable Long input, @Nullable Long output) {
    /** Asked for in the body, searches are billed apart, and nobody bounds how many there are. */
    private static final String SEARCH = "web_search_options";

    /** Tools that the provider runs itself, as often as the model likes; by how they begin. */
    private static final List<String> OWN_TOOLS =
            List.of("web_search", "file_search", "code_interpreter", "image_generation", "mcp");

    /**
     * The body's bytes for the input, because a token is at least one of them while an estimate may
     * be too low; the lane's whole window where media is elsewhere; the projection for the output;
     * what was already counted where that is more.
     */
    static Tokens most(InferenceRequest request, Attempt.Dispatch dispatch, @Nullable Usage usage) {
        long output = usage == null ? 0 : TokenCount.zeroIfAbsent(usage.output());
        Long limit = limit(request, dispatch);
        return new Tokens(
                input(request, dispatch, usage),
                limit == null ? null : Long.valueOf(Math.max(output, limit)));
    }

    /**
     * What a call is expected to use at most: its estimated input, and all the output it may have.
     */
    static Tokens projected(InferenceRequest request, Attempt.Dispatch dispatch) {
        return new Tokens(dispatch.projectedInput(), limit(request, dispatch));
    }

    private static @Nullable Long input(
            InferenceRequest request, Attempt.Dispatch dispatch, @Nullable Usage usage) {
        Long projected = dispatch.projectedInput();
        long counted = usage == null ? 0 : TokenCount.zeroIfAbsent(usage.input());
        if (projected == null) {
            return usage == null ? null : usage.input();
        }
        return Math.max(counted, Math.max(projected, request.body().size()));
    }

    private static @Nullable Long limit(InferenceRequest request, Attempt.Dispatch dispatch) {
        if (usesMore(request)) {
            return null;
        }
        return request.operation().tokens().hasOutput()
                ? dispatch.projectedOutput()
                : Long.valueOf(0);
    }

    /** Searches and the like, which cost more than tokens. */
    static boolean usesMore(InferenceRequest request) {
        if (request.body().member(SEARCH).isPresent()) {
            return true;
        }
        for (String form : request.body().facts().forms()) {
            if (OWN_TOOLS.stream().anyMatch(form::startsWith)) {
                return true;
            }
        }
        return false;
    }

    /**
     * At the dearest rate that could apply, whichever service tier serves the call: an account may
     * prefer another than the list price's. Null where the tier asked for, a rate or the limit is
     * unknown.
     */
    @Nullable BigDecimal price(Price price, String serviceTier) {
        if (input == null || !price.tariffs().containsKey(serviceTier)) {
            return null;
        }
        BigDecimal most = BigDecimal.ZERO;
        for (Map.Entry<String, Tariff> tariff : price.tariffs().entrySet()) {
            boolean needed =
                    tariff.getKey().equals(serviceTier) || tariff.getKey().equals(Price.LIST);
            for (Rates rates : tariff.getValue().upTo(input)) {
                BigDecimal cost = at(input, rates, price.perRequest());
                if (cost == null && needed) {
                    return null;
                }
                most = cost == null ? most : most.max(cost);
            }
        }
        return most;
    }

    private @Nullable BigDecimal at(long tokens, Rates rates, @Nullable BigDecimal perRequest) {
        BigDecimal in = rates.dearest(TokenKind.INPUT_UNCACHED);
        if (in == null || output == null) {
            return null;
        }
        BigDecimal total = in.multiply(BigDecimal.valueOf(tokens));
        if (output > 0) {
            BigDecimal out = rates.dearest(TokenKind.OUTPUT_TEXT);
            if (out == null) {
                return null;
            }
            total = total.add(out.multiply(BigDecimal.valueOf(output)));
        }
        BigDecimal fee = perRequest == null ? BigDecimal.ZERO : perRequest;
        return Money.roundUp(total.movePointLeft(CostLine.PER_DIGITS).add(fee));
    }
}
