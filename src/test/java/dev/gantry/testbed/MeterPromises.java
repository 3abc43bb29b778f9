package dev.gantry.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** The invariants of the events page, as anyone who reads the metering topic can check them. */
public final class MeterPromises {
    private static final int DIGITS = 12;

    private MeterPromises() {}

    /** Fails, showing the event, where one is broken. */
    public static void check(JsonNode meter) {
        try {
            evidence(meter);
            usage(meter.path("usage"), meter.path("lines"));
            lines(meter);
            cost(meter);
        } catch (AssertionError e) {
            throw new AssertionError("a promise is broken by " + meter, e);
        }
    }

    private static void evidence(JsonNode meter) {
        long version =
                switch (meter.path("evidence").asString()) {
                    case "dispatched" -> 10_000_000;
                    case "estimated" -> 20_000_000;
                    case "final" -> 30_000_000;
                    default -> throw new AssertionError("evidence");
                };
        boolean dispatched = version == 10_000_000;
        assertThat(meter.path("version").asLong()).isEqualTo(version);
        assertThat(meter.path("outcome").asString().equals("dispatched")).isEqualTo(dispatched);
        assertThat(meter.has("expires_at")).isEqualTo(dispatched);
        for (String known : new String[] {"ended_at", "duration_ms", "selected"}) {
            assertThat(meter.has(known)).as(known).isNotEqualTo(dispatched);
        }
        if (meter.path("selected").asBoolean(false)) {
            assertThat(meter.path("outcome").asString()).isEqualTo("succeeded");
        }
        if (dispatched) {
            assertThat(meter.has("provider_submitted")).isFalse();
            assertThat(meter.at("/cost/state").asString()).isEqualTo("unknown");
        }
    }

    private static void usage(JsonNode usage, JsonNode lines) {
        if (usage.path("source").asString().equals("none")) {
            assertThat(usage.size()).as("counts that nobody counted").isOne();
        }
        part(usage, "input_tokens", "cache_read_input_tokens", "cache_write_input_tokens");
        part(usage, "output_tokens", "reasoning_output_tokens");
        if (!lines.isEmpty()) {
            assertThat(quantity(lines, "input_")).isEqualTo(usage.path("input_tokens").asLong(0));
            assertThat(quantity(lines, "output_")).isEqualTo(usage.path("output_tokens").asLong(0));
        }
    }

    private static void part(JsonNode usage, String total, String... parts) {
        long sum = 0;
        for (String part : parts) {
            sum += usage.path(part).asLong(0);
        }
        if (usage.has(total)) {
            assertThat(sum)
                    .as("parts of %s", total)
                    .isLessThanOrEqualTo(usage.path(total).asLong());
        }
    }

    private static long quantity(JsonNode lines, String prefix) {
        long sum = 0;
        for (JsonNode line : lines) {
            if (line.path("kind").asString().startsWith(prefix)) {
                sum += line.path("quantity").asLong();
            }
        }
        return sum;
    }

    private static void lines(JsonNode meter) {
        BigDecimal sum = BigDecimal.ZERO;
        boolean priced = true;
        for (JsonNode line : meter.path("lines")) {
            BigDecimal price = money(line.path("unit_price"));
            BigDecimal amount = money(line.path("amount"));
            assertThat(amount == null).isEqualTo(price == null);
            priced &= amount != null;
            if (price != null && amount != null) {
                BigDecimal quantity = BigDecimal.valueOf(line.path("quantity").asLong());
                BigDecimal per = BigDecimal.valueOf(line.path("per").asLong());
                assertThat(amount)
                        .isEqualByComparingTo(
                                price.multiply(quantity)
                                        .divide(per, DIGITS, RoundingMode.HALF_EVEN));
                sum = sum.add(amount);
            }
        }
        BigDecimal amount = money(meter.at("/cost/amount"));
        if (amount != null) {
            assertThat(priced).as("an amount though a price is missing").isTrue();
            assertThat(amount).isEqualByComparingTo(sum);
            assertThat(meter.at("/price/missing_reason").isMissingNode()).isTrue();
        }
    }

    private static void cost(JsonNode meter) {
        String state = meter.at("/cost/state").asString();
        BigDecimal amount = money(meter.at("/cost/amount"));
        BigDecimal bound = money(meter.at("/cost/upper_bound"));
        assertThat(amount == null).isEqualTo(state.equals("unknown"));
        if (!meter.path("provider_submitted").asBoolean(true)) {
            assertThat(state).isEqualTo("not_billable");
        }
        if (state.equals("not_billable")) {
            assertThat(amount).isEqualByComparingTo(BigDecimal.ZERO);
        }
        if (amount != null && bound != null) {
            assertThat(amount).isLessThanOrEqualTo(bound);
        }
        if (state.equals("final")) {
            assertThat(meter.path("evidence").asString()).isEqualTo("final");
            assertThat(bound).isNull();
        }
        if (state.equals("unknown") && meter.path("evidence").asString().equals("final")) {
            assertThat(meter.at("/price/missing_reason").isMissingNode())
                    .as("why a final cost is unknown")
                    .isFalse();
        }
    }

    private static @Nullable BigDecimal money(JsonNode text) {
        return text.isString() ? new BigDecimal(text.asString()) : null;
    }
}
