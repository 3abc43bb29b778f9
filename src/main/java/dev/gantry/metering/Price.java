package dev.gantry.metering;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a model charges, in USD.
 *
 * @param tariffs by service tier; the list price is always there
 * @param units for one of each counter
 * @param perRequest for every call that is answered; null: nothing
 */
public record Price(
        Map<String, Tariff> tariffs,
        Map<String, BigDecimal> units,
        @Nullable BigDecimal perRequest) {
    static final String LIST = "list";

    public Price {
        tariffs = Map.copyOf(tariffs);
        units = Map.copyOf(units);
        if (!tariffs.containsKey(LIST)) {
            throw new IllegalArgumentException("a price without a list price");
        }
    }

    /** One list price, per million tokens; null is unknown. */
    public static Price of(
            @Nullable BigDecimal input,
            @Nullable BigDecimal cachedInput,
            @Nullable BigDecimal cacheWrite,
            @Nullable BigDecimal output) {
        Map<TokenKind, BigDecimal> rates = new EnumMap<>(TokenKind.class);
        put(rates, TokenKind.INPUT_UNCACHED, input);
        put(rates, TokenKind.INPUT_CACHE_READ, cachedInput);
        put(rates, TokenKind.INPUT_CACHE_WRITE, cacheWrite);
        put(rates, TokenKind.OUTPUT_TEXT, output);
        return new Price(Map.of(LIST, Tariff.of(new Rates(rates))), Map.of(), null);
    }

    /** The list price of a short input. */
    public Rates list() {
        return listTariff().first();
    }

    Tariff listTariff() {
        return tariff(LIST).orElseThrow();
    }

    Optional<Tariff> tariff(String serviceTier) {
        return Optional.ofNullable(tariffs.get(serviceTier));
    }

    /** Whatever a call uses of what is listed here, it costs nothing. */
    boolean isFree() {
        // First what is not free where hardly any price is: this is asked for each call.
        return list().areZero()
                && tariffs.values().stream()
                        .flatMap(tariff -> tariff.steps().values().stream())
                        .allMatch(Rates::areZero)
                && units.values().stream().allMatch(unit -> unit.signum() == 0)
                && (perRequest == null || perRequest.signum() == 0);
    }

    private static void put(
            Map<TokenKind, BigDecimal> rates, TokenKind kind, @Nullable BigDecimal rate) {
        if (rate != null) {
            rates.put(kind, rate);
        }
    }
}
