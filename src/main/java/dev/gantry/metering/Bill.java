package dev.gantry.metering;

import dev.gantry.inference.Attempt;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Operation;
import dev.gantry.inference.Operation.TokenUse;
import dev.gantry.inference.Usage;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * An attempt priced.
 *
 * @param missing why a price is missing, null where none is
 */
public record Bill(List<CostLine> lines, Cost cost, @Nullable String missing) {
    private static final String NO_PRICE = "lane_not_priced";
    private static final String REQUEST = "request";

    static final Bill NOTHING = new Bill(List.of(), Cost.NOT_BILLABLE, null);

    public Bill {
        lines = List.copyOf(lines);
    }

    /**
     * Not counted (yet): all that is known is what it could at most come to; nothing, where it is
     * billed nowhere and has no price.
     */
    static Bill unknown(
            InferenceRequest request, Attempt.Dispatch dispatch, @Nullable Price price) {
        if (price == null && request.operation().tokens() == TokenUse.UNBILLED) {
            return new Bill(List.of(), Cost.unknown(BigDecimal.ZERO), null);
        }
        if (price != null && price.isFree() && !Tokens.usesMore(request)) {
            // However much it was.
            return new Bill(List.of(), Cost.unknown(BigDecimal.ZERO), null);
        }
        return unknown(price, Tokens.most(request, dispatch, null), ServiceTier.asked(request));
    }

    private static boolean isFree(
            InferenceRequest request, Attempt.Dispatch dispatch, Price price) {
        BigDecimal most =
                Tokens.most(request, dispatch, null).price(price, ServiceTier.asked(request));
        return most != null && most.signum() == 0;
    }

    /**
     * Counted by the provider, at least in part; if not, it is unknown, but for what is billed
     * nowhere and has no price.
     */
    static Bill of(
            InferenceRequest request, Attempt attempt, TokenCount count, @Nullable Price price) {
        Operation operation = request.operation();
        Usage usage = count.usage();
        if (usage == null) {
            boolean free =
                    operation.tokens() == TokenUse.UNBILLED
                            && (price == null || isFree(request, attempt.dispatch(), price));
            return free ? NOTHING : unknown(request, attempt.dispatch(), price);
        }
        String tier = ServiceTier.of(request, attempt);
        Tokens most = Tokens.most(request, attempt.dispatch(), usage);
        Long output = TokenCount.output(operation, usage);
        if (usage.input() == null || output == null) {
            return unknown(price, most, tier);
        }
        Tariff tariff = price == null ? null : price.tariff(tier).orElse(null);
        Rates rates = tariff == null ? Rates.UNKNOWN : tariff.at(usage.input());
        List<CostLine> lines = lines(usage, usage.input(), output, rates, price);
        String missing = missing(lines, price, tier, usage);
        if (price == null || missing != null) {
            return new Bill(lines, Cost.unknown(null), missing == null ? NO_PRICE : missing);
        }
        BigDecimal amount = sum(lines);
        if (count.source() == UsageSource.PROVIDER) {
            return catalogued(lines, Cost.State.FINAL, amount, null);
        }
        BigDecimal bound = most.price(price, tier);
        return catalogued(
                lines, Cost.State.ESTIMATED, amount, bound == null ? null : bound.max(amount));
    }

    private static Bill catalogued(
            List<CostLine> lines,
            Cost.State state,
            BigDecimal amount,
            @Nullable BigDecimal upperBound) {
        return new Bill(lines, new Cost(state, Cost.Basis.CATALOG, amount, upperBound), null);
    }

    private static Bill unknown(@Nullable Price price, Tokens most, String tier) {
        if (price == null) {
            return new Bill(List.of(), Cost.unknown(null), NO_PRICE);
        }
        String missing = price.tariffs().containsKey(tier) ? null : ServiceTier.missing(tier);
        return new Bill(List.of(), Cost.unknown(most.price(price, tier)), missing);
    }

    private static List<CostLine> lines(
            Usage usage, long input, long output, Rates rates, @Nullable Price price) {
        List<CostLine> lines = new ArrayList<>(5);
        for (TokenKind kind : TokenKind.ALL) {
            long quantity = TokenCount.part(kind, usage, input, output);
            if (quantity > 0) {
                lines.add(CostLine.tokens(kind, quantity, rates.of(kind)));
            }
        }
        // Sorted: the same snapshot has the same bytes.
        new TreeMap<>(usage.counters())
                .forEach(
                        (name, count) -> {
                            if (count > 0 && !TokenCount.isPart(name)) {
                                BigDecimal unit = price == null ? null : price.units().get(name);
                                lines.add(CostLine.units(name, count, unit));
                            }
                        });
        if (price != null && price.perRequest() != null) {
            lines.add(CostLine.units(REQUEST, 1, price.perRequest()));
        }
        return lines;
    }

    private static @Nullable String missing(
            List<CostLine> lines, @Nullable Price price, String tier, Usage usage) {
        for (CostLine line : lines) {
            if (line.unitPrice() != null) {
                continue;
            }
            String counter = TokenCount.counter(line.kind(), usage);
            if (counter != null) {
                return "counter:" + counter;
            }
            if (price == null) {
                return NO_PRICE;
            }
            return price.tariffs().containsKey(tier) ? line.kind() : ServiceTier.missing(tier);
        }
        return null;
    }

    private static BigDecimal sum(List<CostLine> lines) {
        BigDecimal sum = BigDecimal.ZERO;
        for (CostLine line : lines) {
            if (line.amount() != null) {
                sum = sum.add(line.amount());
            }
        }
        return sum;
    }
}
