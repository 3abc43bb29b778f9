package dev.gantry.metering;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/** USD per million tokens of each kind; what is not there is unknown, which is not free. */
public record Rates(Map<TokenKind, BigDecimal> perMillion) {
    static final Rates UNKNOWN = new Rates(Map.of());

    public Rates {
        Map<TokenKind, BigDecimal> sorted = new EnumMap<>(TokenKind.class);
        sorted.putAll(perMillion);
        perMillion = Collections.unmodifiableMap(sorted);
    }

    /**
     * Unless the list says otherwise, reasoning costs what other output costs, and the cache of an
     * input that is free is free; of one that is not, it may be dearer or cheaper.
     */
    public @Nullable BigDecimal of(TokenKind kind) {
        BigDecimal rate = perMillion.get(kind);
        if (rate != null) {
            return rate;
        }
        return switch (kind) {
            case OUTPUT_REASONING -> perMillion.get(TokenKind.OUTPUT_TEXT);
            case INPUT_CACHE_READ, INPUT_CACHE_WRITE -> {
                BigDecimal dearest = dearest(TokenKind.INPUT_UNCACHED);
                yield dearest != null && dearest.signum() == 0 ? dearest : null;
            }
            default -> null;
        };
    }

    boolean areZero() {
        return isZero(perMillion.get(TokenKind.INPUT_UNCACHED))
                && isZero(perMillion.get(TokenKind.OUTPUT_TEXT))
                && perMillion.values().stream().allMatch(rate -> rate.signum() == 0);
    }

    private static boolean isZero(@Nullable BigDecimal rate) {
        return rate != null && rate.signum() == 0;
    }

    /** What a token of the input, or of the output, can at most cost; null: not known. */
    @Nullable BigDecimal dearest(TokenKind plain) {
        BigDecimal dearest = of(plain);
        if (dearest == null) {
            return null;
        }
        for (TokenKind kind : TokenKind.ALL) {
            BigDecimal rate = kind.input() == plain.input() ? perMillion.get(kind) : null;
            dearest = rate == null ? dearest : dearest.max(rate);
        }
        return dearest;
    }

    /** What a step of a price does not say of plain input and output is as below the step. */
    Rates over(Rates below) {
        Map<TokenKind, BigDecimal> rates = new EnumMap<>(TokenKind.class);
        rates.putAll(perMillion);
        for (TokenKind kind : new TokenKind[] {TokenKind.INPUT_UNCACHED, TokenKind.OUTPUT_TEXT}) {
            BigDecimal inherited = below.of(kind);
            if (inherited != null) {
                rates.putIfAbsent(kind, inherited);
            }
        }
        BigDecimal reasoning = below.perMillion.get(TokenKind.OUTPUT_REASONING);
        if (reasoning != null && !perMillion.containsKey(TokenKind.OUTPUT_TEXT)) {
            rates.putIfAbsent(TokenKind.OUTPUT_REASONING, reasoning);
        }
        return new Rates(rates);
    }
}
