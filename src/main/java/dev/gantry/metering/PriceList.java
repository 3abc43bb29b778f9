package dev.gantry.metering;

import dev.gantry.inference.Attempt;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.Operation.TokenUse;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What each lane charges; a lane that is not there is not priced, which is not free. */
public record PriceList(Map<LaneId, Quote> quotes) {
    /** Nothing is priced. */
    public static final PriceList NONE = new PriceList(Map.of());

    public PriceList {
        quotes = Map.copyOf(quotes);
    }

    /** Prices that share one source. */
    public static PriceList of(Map<LaneId, Price> prices, String source, String version) {
        Map<LaneId, Quote> quotes = new LinkedHashMap<>();
        prices.forEach((lane, price) -> quotes.put(lane, new Quote(price, source, version)));
        return new PriceList(quotes);
    }

    /** These, and the others' for lanes that have none here: two lists are never mixed in one. */
    public PriceList over(PriceList others) {
        Map<LaneId, Quote> quotes = new LinkedHashMap<>(others.quotes);
        quotes.putAll(this.quotes);
        return new PriceList(quotes);
    }

    public Optional<Quote> quote(LaneId lane) {
        return Optional.ofNullable(quotes.get(lane));
    }

    @Nullable Price price(LaneId lane) {
        return quote(lane).map(Quote::price).orElse(null);
    }

    /**
     * What a call may cost: the estimated input and all the output it may have, at the plain price
     * of the service tier that it asks for. Null where that is not known; what is free need not be.
     */
    public @Nullable BigDecimal projected(InferenceRequest request, Attempt.Dispatch dispatch) {
        return projected(request, dispatch.lane(), Tokens.projected(request, dispatch));
    }

    /** What so many tokens cost there, likewise. */
    public @Nullable BigDecimal projected(InferenceRequest request, LaneId lane, Tokens tokens) {
        Price price = price(lane);
        if (price == null) {
            return request.operation().tokens() == TokenUse.UNBILLED ? BigDecimal.ZERO : null;
        }
        Tariff tariff = price.tariff(ServiceTier.asked(request)).orElse(null);
        if (tariff == null) {
            return null;
        }
        // Of an input that nobody knows, only a price without steps can be told.
        Rates rates = tokens.input() == null ? tariff.first() : tariff.at(tokens.input());
        BigDecimal in = cost(rates.of(TokenKind.INPUT_UNCACHED), tokens.input());
        BigDecimal out = cost(rates.of(TokenKind.OUTPUT_TEXT), tokens.output());
        if (in == null || out == null) {
            return null;
        }
        BigDecimal fee = price.perRequest() == null ? BigDecimal.ZERO : price.perRequest();
        return Money.roundUp(in.add(out).movePointLeft(CostLine.PER_DIGITS).add(fee));
    }

    private static @Nullable BigDecimal cost(@Nullable BigDecimal rate, @Nullable Long tokens) {
        if ((rate != null && rate.signum() == 0) || (tokens != null && tokens == 0)) {
            return BigDecimal.ZERO;
        }
        return rate == null || tokens == null ? null : rate.multiply(BigDecimal.valueOf(tokens));
    }
}
