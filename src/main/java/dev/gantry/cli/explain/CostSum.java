package dev.gantry.cli.explain;

import dev.gantry.cli.Dollars;
import dev.gantry.explain.CostRange;
import dev.gantry.metering.Money;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.node.ObjectNode;

import java.math.BigDecimal;
import java.util.Locale;

/** What many calls may cost together, and of how many that is not known. */
final class CostSum {
    /** A ten-thousandth of a cent: of larger sums nobody looks below it in a table. */
    private static final int SHOWN_DIGITS = 6;

    private final Sum low = new Sum();
    private final Sum projected = new Sum();
    private final Sum high = new Sum();

    private static final class Sum {
        private BigDecimal usd = BigDecimal.ZERO;
        private long known;
        private long unknown;

        void add(@Nullable BigDecimal amount) {
            if (amount == null) {
                unknown++;
            } else {
                usd = usd.add(amount);
                known++;
            }
        }

        void add(Sum other) {
            usd = usd.add(other.usd);
            known += other.known;
            unknown += other.unknown;
        }

        String shown() {
            if (known == 0) {
                return "unknown";
            }
            String sum = Money.text(Dollars.brief(usd, SHOWN_DIGITS));
            return unknown == 0
                    ? sum
                    : String.format(Locale.ROOT, "%s + %,d unknown", sum, unknown);
        }
    }

    void add(CostRange cost) {
        low.add(cost.low());
        projected.add(cost.projected());
        high.add(cost.high());
    }

    void add(CostSum other) {
        low.add(other.low);
        projected.add(other.projected);
        high.add(other.high);
    }

    String low() {
        return low.shown();
    }

    String projected() {
        return projected.shown();
    }

    String high() {
        return high.shown();
    }

    /** Of what is known; and how many requests each leaves out. */
    void json(ObjectNode root) {
        root.putObject("cost_usd")
                .put("low", Money.text(low.usd))
                .put("projected", Money.text(projected.usd))
                .put("high", Money.text(high.usd));
        root.putObject("cost_unknown")
                .put("low", low.unknown)
                .put("projected", projected.unknown)
                .put("high", high.unknown);
    }
}
