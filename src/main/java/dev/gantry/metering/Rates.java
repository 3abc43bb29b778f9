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

    /** Reasoning costs what other output costs unless the list says otherwise. */
    public @Nullable BigDecimal of(TokenKind kind) {
        BigDecimal rate = perMillion.get(kind);
        return rate == null && kind == TokenKind.OUTPUT_REASONING
                ? perMillion.get(TokenKind.OUTPUT_TEXT)
                : rate;
    }

    /** What a token of the input, or of the output, can at most cost; null: not known. */
    @Nullable BigDecimal dearest(TokenKind plain) {
        BigDecimal dearest = of(plain);
        if (dearest == null) {
            return null;
        }
        for (Map.Entry<TokenKind, BigDecimal> each : perMillion.entrySet()) {
            if (each.getKey().input() == plain.input()) {
                dearest = dearest.max(each.getValue());
            }
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
