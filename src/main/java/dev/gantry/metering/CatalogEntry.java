package dev.gantry.metering;

import static java.util.Objects.requireNonNullElse;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;

import java.math.BigDecimal;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One model of a price file: its fields put where an attempt looks for them. */
final class CatalogEntry {
    /** The longer names first: one begins like another. */
    private static final Map<String, TokenKind> KINDS =
            Map.of(
                    "input_cost_per_token", TokenKind.INPUT_UNCACHED,
                    "cache_read_input_token_cost", TokenKind.INPUT_CACHE_READ,
                    "cache_creation_input_token_cost", TokenKind.INPUT_CACHE_WRITE,
                    "cache_creation_input_token_cost_above_1hr", TokenKind.INPUT_CACHE_WRITE_1H,
                    "input_cost_per_audio_token", TokenKind.INPUT_AUDIO,
                    "output_cost_per_token", TokenKind.OUTPUT_TEXT,
                    "output_cost_per_reasoning_token", TokenKind.OUTPUT_REASONING,
                    "output_cost_per_audio_token", TokenKind.OUTPUT_AUDIO);

    /** Both orders of context step and service tier are in use. */
    private static final Pattern RATE =
            Pattern.compile(
                    "(?<kind>(?:input|output)_cost_per_(?:audio_|reasoning_)?token"
                            + "|cache_read_input_token_cost"
                            + "|cache_creation_input_token_cost(?:_above_1hr)?)"
                            + "(?:_above_(?<step>\\d{1,6})k_tokens)?(?:_(?<tier>[a-z]+))?"
                            + "(?:_above_(?<late>\\d{1,6})k_tokens)?");

    private static final long THOUSAND = 1_000;

    /** Nobody charges a hundred dollars a token; such an exponent is a mistake or an attack. */
    private static final BigDecimal MOST = BigDecimal.valueOf(100);

    private static final int MOST_DIGITS = 40;

    private final JsonNode entry;
    private final Map<String, NavigableMap<Long, Map<TokenKind, BigDecimal>>> tariffs =
            new HashMap<>();

    private final BigDecimal uplift;

    /**
     * Reads nothing yet.
     *
     * @param region of the endpoint, for providers that charge more for processing in one
     */
    CatalogEntry(JsonNode entry, String region) {
        this.entry = entry;
        BigDecimal factor = amount("regional_processing_uplift_multiplier_" + region);
        this.uplift = factor == null ? BigDecimal.ONE : factor;
    }

    /**
     * Empty where the file gives no price that can be applied: none at all, or one that changes
     * with the hour.
     */
    Optional<Price> price() {
        for (Map.Entry<String, JsonNode> each : entry.properties()) {
            if (each.getKey().contains("off_peak") && !each.getValue().isEmpty()) {
                return Optional.empty();
            }
            rate(each.getKey(), each.getValue());
        }
        tiers();
        if (!tariffs.containsKey(Price.LIST)) {
            return Optional.empty();
        }
        Tariff list = tariff(tariffs.get(Price.LIST));
        Map<String, Tariff> all = new HashMap<>();
        tariffs.forEach((tier, steps) -> all.put(tier, tariff(steps).withStepsOf(list)));
        return Optional.of(new Price(all, units(), amount("input_cost_per_request")));
    }

    private void rate(String field, JsonNode value) {
        Matcher rate = RATE.matcher(field);
        if (rate.matches()) {
            String tier = rate.group("tier");
            String step = rate.group("step") == null ? rate.group("late") : rate.group("step");
            put(
                    tier == null ? Price.LIST : tier.equals("batches") ? "batch" : tier,
                    step == null ? Tariff.ALWAYS : beyond(Long.parseLong(step) * THOUSAND),
                    KINDS.get(rate.group("kind")),
                    perMillion(field, value));
        }
    }

    /** {@code tiered_pricing}: steps as a list, each with the range of input that it is for. */
    private void tiers() {
        for (JsonNode tier : entry.path("tiered_pricing")) {
            JsonNode from = tier.path("range").path(0);
            if (!from.isNumber()) {
                throw new IllegalArgumentException("tiered_pricing: an element has no range");
            }
            long step = from.asLong() <= 0 ? Tariff.ALWAYS : beyond(from.asLong());
            KINDS.forEach(
                    (field, kind) ->
                            put(Price.LIST, step, kind, perMillion(field, tier.path(field))));
        }
    }

    /** xAI's steps begin with their threshold, those of the others after it. */
    private long beyond(long threshold) {
        boolean inclusive = entry.path("litellm_provider").asString("").equals("xai");
        return inclusive ? threshold - 1 : threshold;
    }

    private void put(
            String tier, long step, @Nullable TokenKind kind, @Nullable BigDecimal perMillion) {
        if (kind != null && perMillion != null) {
            tariffs.computeIfAbsent(tier, _ -> new TreeMap<>())
                    .computeIfAbsent(step, _ -> new EnumMap<>(TokenKind.class))
                    .put(kind, perMillion);
        }
    }

    private static Tariff tariff(NavigableMap<Long, Map<TokenKind, BigDecimal>> steps) {
        Rates first = new Rates(requireNonNullElse(steps.get(Tariff.ALWAYS), Map.of()));
        NavigableMap<Long, Rates> all = new TreeMap<>();
        steps.forEach((step, rates) -> all.put(step, new Rates(rates).over(first)));
        all.put(Tariff.ALWAYS, first);
        return new Tariff(all);
    }

    private Map<String, BigDecimal> units() {
        Map<String, BigDecimal> units = new HashMap<>();
        BigDecimal search = search();
        if (search != null) {
            units.put("web_search", search);
        }
        BigDecimal citation = amount("citation_cost_per_token");
        if (citation != null) {
            units.put("citation_tokens", citation);
        }
        return units;
    }

    /** An answer does not say how much context its searches had: only one price for all counts. */
    private @Nullable BigDecimal search() {
        BigDecimal price = null;
        for (Map.Entry<String, JsonNode> size :
                entry.path("search_context_cost_per_query").properties()) {
            BigDecimal each = decimal(size.getKey(), size.getValue());
            if (each != null && price != null && each.compareTo(price) != 0) {
                return null;
            }
            price = each == null ? price : each;
        }
        return price;
    }

    private @Nullable BigDecimal amount(String field) {
        return decimal(field, entry.path(field));
    }

    private @Nullable BigDecimal perMillion(String field, JsonNode value) {
        BigDecimal perToken = decimal(field, value);
        return perToken == null
                ? null
                : Money.round(
                        perToken.movePointRight(CostLine.PER_DIGITS)
                                .multiply(uplift)
                                .stripTrailingZeros());
    }

    /** A number, or the text of one; null where there is none. */
    private static @Nullable BigDecimal decimal(String field, JsonNode value) {
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        try {
            BigDecimal number =
                    value.isNumber() ? value.decimalValue() : new BigDecimal(value.asString(""));
            boolean sane =
                    number.signum() >= 0
                            && Math.abs((long) number.scale()) + number.precision() <= MOST_DIGITS
                            && number.compareTo(MOST) <= 0;
            if (sane) {
                return number;
            }
        } catch (NumberFormatException _) {
            // Named below.
        }
        throw new IllegalArgumentException(
                "%s: %s is not a price".formatted(field, value.toString()));
    }
}
