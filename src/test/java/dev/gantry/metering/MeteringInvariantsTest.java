package dev.gantry.metering;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Attempt;
import dev.gantry.inference.MeterOutcome;
import dev.gantry.inference.Usage;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.math.BigDecimal;
import java.util.Objects;
import java.util.Random;
import java.util.regex.Pattern;

/** What the events page promises of every event, over random attempts at list price. */
class MeteringInvariantsTest {
    private static final int ROUNDS = 20_000;
    private static final Pattern DECIMAL =
            Pattern.compile("(0|[1-9]\\d{0,17})(\\.\\d{0,11}[1-9])?");

    @Test
    void everyEventKeepsThePromisesOfTheEventsPage() {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);

        for (int round = 0; round < ROUNDS; round++) {
            MeteringEvent event = RandomMeters.event(random, RandomMeters.prices(random));

            try {
                keepsItsPromises(event);
            } catch (AssertionError e) {
                throw new AssertionError(
                        "seed " + seed + ", round " + round + ": " + event.reading(), e);
            }
        }
    }

    private static void keepsItsPromises(MeteringEvent event) {
        MeterReading reading = event.reading();
        Bill bill = reading.bill();
        Cost cost = bill.cost();
        assertThat(cost.amount() == null).isEqualTo(cost.state() == Cost.State.UNKNOWN);
        if (event.selected()) {
            assertThat(reading.outcome()).isEqualTo(MeterOutcome.SUCCEEDED);
        }
        if (Boolean.FALSE.equals(event.submitted())) {
            assertThat(cost.state()).isEqualTo(Cost.State.NOT_BILLABLE);
        }
        if (cost.amount() != null) {
            assertThat(bill.lines()).allMatch(line -> line.amount() != null);
            assertThat(cost.amount()).isEqualByComparingTo(sum(bill));
            assertThat(bill.missing()).isNull();
        }
        if (cost.upperBound() != null && cost.amount() != null) {
            assertThat(cost.amount()).isLessThanOrEqualTo(cost.upperBound());
        }
        if (reading.evidence() == Evidence.FINAL && cost.state() == Cost.State.UNKNOWN) {
            assertThat(bill.missing()).as("why a final cost is unknown").isNotNull();
        }
        decimals(bill);
        if (reading.count().usage() != null) {
            partsFit(reading.count().usage(), bill);
            unpricedIsUnknown(event, reading.count().usage());
        }
    }

    private static void partsFit(Usage usage, Bill bill) {
        long input = zeroIfAbsent(usage.input());
        long output = zeroIfAbsent(usage.output());
        if (usage.input() != null) {
            assertThat(zeroIfAbsent(usage.cacheRead()) + zeroIfAbsent(usage.cacheWrite()))
                    .isLessThanOrEqualTo(input);
        }
        if (usage.output() != null) {
            assertThat(zeroIfAbsent(usage.reasoning())).isLessThanOrEqualTo(output);
        }
        if (!bill.lines().isEmpty()) {
            assertThat(quantity(bill, "input_")).isEqualTo(input);
            assertThat(quantity(bill, "output_")).isEqualTo(output);
        }
    }

    private static void unpricedIsUnknown(MeteringEvent event, Usage usage) {
        Cost.State state = event.reading().bill().cost().state();
        boolean counted = usage.counters().values().stream().anyMatch(count -> count > 0);
        if (counted) {
            assertThat(state).isEqualTo(Cost.State.UNKNOWN);
        }
        Attempt attempt = Objects.requireNonNull(event.attempt());
        String tier = attempt.answer() == null ? null : attempt.answer().serviceTier();
        boolean dear = tier != null && !tier.equals("default") && !tier.equals("standard");
        if (dear && zeroIfAbsent(usage.input()) + zeroIfAbsent(usage.output()) > 0) {
            assertThat(state).isEqualTo(Cost.State.UNKNOWN);
        }
    }

    private static void decimals(Bill bill) {
        for (CostLine line : bill.lines()) {
            assertThat(line.quantity()).isPositive();
            decimal(line.unitPrice());
            decimal(line.amount());
        }
        decimal(bill.cost().amount());
        decimal(bill.cost().upperBound());
    }

    private static void decimal(@Nullable BigDecimal amount) {
        if (amount != null) {
            assertThat(Money.text(amount)).matches(DECIMAL);
        }
    }

    private static BigDecimal sum(Bill bill) {
        return bill.lines().stream()
                .map(CostLine::amount)
                .filter(Objects::nonNull)
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private static long quantity(Bill bill, String prefix) {
        return bill.lines().stream()
                .filter(line -> line.kind().startsWith(prefix))
                .mapToLong(CostLine::quantity)
                .sum();
    }

    private static long zeroIfAbsent(@Nullable Long count) {
        return count == null ? 0 : count;
    }
}
