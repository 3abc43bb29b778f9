package dev.gantry.metering;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.util.Locale;

/**
 * What an attempt cost, in US dollars.
 *
 * @param amount null exactly when the state is unknown
 * @param upperBound the most that an unknown or estimated amount can turn out to be; null where no
 *     bound is known
 */
public record Cost(
        State state, Basis basis, @Nullable BigDecimal amount, @Nullable BigDecimal upperBound) {
    static final Cost NOT_BILLABLE =
            new Cost(State.NOT_BILLABLE, Basis.NONE, BigDecimal.ZERO, null);

    public Cost {
        if ((amount == null) != (state == State.UNKNOWN)) {
            throw new IllegalArgumentException("cost " + state + " with amount " + amount);
        }
    }

    static Cost unknown(@Nullable BigDecimal upperBound) {
        Basis basis = upperBound == null ? Basis.NONE : Basis.RESERVATION_UPPER_BOUND;
        return new Cost(State.UNKNOWN, basis, null, upperBound);
    }

    /** How far the amount can be relied on. */
    public enum State {
        FINAL,
        ESTIMATED,
        UNKNOWN,
        NOT_BILLABLE;

        private final String label = name().toLowerCase(Locale.ROOT);

        public String label() {
            return label;
        }
    }

    /** What the amount, or its bound, was computed from. */
    public enum Basis {
        CATALOG,
        PROVIDER_REPORTED,
        RESERVATION_UPPER_BOUND,
        NONE;

        private final String label = name().toLowerCase(Locale.ROOT);

        public String label() {
            return label;
        }
    }
}
