package dev.gantry.metering;

import dev.gantry.inference.Attempt;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Operation;
import dev.gantry.inference.Usage;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/**
 * An attempt priced.
 *
 * @param missing why a price is missing, null where none is
 */
public record Bill(List<Line> lines, Cost cost, @Nullable String missing) {
    private static final String NO_PRICE = "lane_not_priced";
    private static final Price UNPRICED = new Price(null, null, null, null);

    /** The served tiers that the list price is for; Groq says on_demand. */
    private static final Set<String> LIST_PRICE =
            Set.of("default", "standard", "auto", "on_demand");

    static final Bill NOTHING = new Bill(List.of(), Cost.NOT_BILLABLE, null);

    public Bill {
        lines = List.copyOf(lines);
    }

    /** Not counted (yet): all that is known is what it could at most come to. */
    static Bill unknown(
            InferenceRequest request, Attempt.Dispatch dispatch, @Nullable Price price) {
        return unknown(price, Tokens.most(request, dispatch, null));
    }

    /** Counted by the provider, at least in part. */
    static Bill of(
            InferenceRequest request, Attempt attempt, Counted counted, @Nullable Price price) {
        Operation operation = request.operation();
        Usage usage = counted.usage();
        if (usage == null) {
            return unknown(request, attempt.dispatch(), price);
        }
        Long output = Counted.output(operation, usage);
        if (usage.input() == null || output == null) {
            return unknown(price, Tokens.most(request, attempt.dispatch(), usage));
        }
        String tier = unpricedTier(request, attempt);
        Price applied = price == null || tier != null ? UNPRICED : price;
        List<Line> lines = lines(usage, usage.input(), output, applied);
        String missing = missing(lines, price, tier, usage);
        if (missing != null) {
            return new Bill(lines, Cost.unknown(null), missing);
        }
        BigDecimal amount = sum(lines);
        if (counted.source() == UsageSource.PROVIDER) {
            return new Bill(
                    lines, new Cost(Cost.State.FINAL, Cost.Basis.CATALOG, amount, null), null);
        }
        BigDecimal most = Tokens.most(request, attempt.dispatch(), usage).price(applied);
        BigDecimal bound = most == null ? null : most.max(amount);
        return new Bill(
                lines, new Cost(Cost.State.ESTIMATED, Cost.Basis.CATALOG, amount, bound), null);
    }

    private static Bill unknown(@Nullable Price price, Tokens most) {
        return price == null
                ? new Bill(List.of(), Cost.unknown(null), NO_PRICE)
                : new Bill(List.of(), Cost.unknown(most.price(price)), null);
    }

    private static List<Line> lines(Usage usage, long input, long output, Price price) {
        long read = Counted.zeroIfAbsent(usage.cacheRead());
        long write = Counted.zeroIfAbsent(usage.cacheWrite());
        long reasoning = Counted.zeroIfAbsent(usage.reasoning());
        List<Line> lines = new ArrayList<>(5);
        add(lines, "input_uncached", input - read - write, price.input());
        add(lines, "input_cache_read", read, price.cachedInput());
        add(lines, "input_cache_write", write, price.cacheWrite());
        add(lines, "output_text", output - reasoning, price.output());
        add(lines, "output_reasoning", reasoning, price.output());
        // Sorted: the same snapshot has the same bytes.
        new TreeMap<>(usage.counters())
                .forEach(
                        (name, count) -> {
                            if (count > 0) {
                                lines.add(Line.counter(name, count));
                            }
                        });
        return lines;
    }

    private static void add(
            List<Line> lines, String kind, long quantity, @Nullable BigDecimal price) {
        if (quantity > 0) {
            lines.add(Line.tokens(kind, quantity, price));
        }
    }

    private static @Nullable String missing(
            List<Line> lines, @Nullable Price price, @Nullable String tier, Usage usage) {
        for (Line line : lines) {
            if (line.unitPrice() == null) {
                if (usage.counters().containsKey(line.kind())) {
                    return "counter:" + line.kind();
                }
                if (price == null) {
                    return NO_PRICE;
                }
                return tier == null ? line.kind() : "service_tier:" + tier;
            }
        }
        return null;
    }

    /** What was served decides; what was asked, where the provider does not say. */
    private static @Nullable String unpricedTier(InferenceRequest request, Attempt attempt) {
        String served = attempt.answer() == null ? null : attempt.answer().serviceTier();
        String tier = served == null ? request.body().facts().serviceTier() : served;
        return tier == null || LIST_PRICE.contains(tier) ? null : tier;
    }

    private static BigDecimal sum(List<Line> lines) {
        BigDecimal sum = BigDecimal.ZERO;
        for (Line line : lines) {
            if (line.amount() != null) {
                sum = sum.add(line.amount());
            }
        }
        return sum;
    }
}
