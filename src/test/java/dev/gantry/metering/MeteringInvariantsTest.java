package dev.gantry.metering;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Answer;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptError;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.Payload;
import dev.gantry.inference.Usage;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.regex.Pattern;

/** What the events page promises of every event, over random attempts. */
class MeteringInvariantsTest {
    private static final int ROUNDS = 20_000;
    private static final Pattern DECIMAL =
            Pattern.compile("(0|[1-9]\\d{0,17})(\\.\\d{0,11}[1-9])?");
    private static final String[] TIERS = {"default", "flex", "priority", "standard"};
    private static final int[] STATUSES = {200, 400, 401, 402, 404, 408, 429, 500, 502, 503, 529};

    @Test
    void everyEventKeepsThePromisesOfTheEventsPage() {
        long seed = Long.getLong("seed", System.nanoTime());
        Random random = new Random(seed);

        for (int round = 0; round < ROUNDS; round++) {
            MeteringEvent event = event(random);

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
        if (reading.counted().usage() != null) {
            partsFit(reading.counted().usage(), bill);
            unpricedIsUnknown(event, reading.counted().usage());
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
        boolean dear = "flex".equals(tier) || "priority".equals(tier);
        if (dear && zeroIfAbsent(usage.input()) + zeroIfAbsent(usage.output()) > 0) {
            assertThat(state).isEqualTo(Cost.State.UNKNOWN);
        }
    }

    private static void decimals(Bill bill) {
        for (Line line : bill.lines()) {
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

    private static MeteringEvent event(Random random) {
        LaneId lane = random.nextInt(8) == 0 ? Samples.OTHER_LANE : Samples.LANE;
        Attempt.Dispatch dispatch =
                Samples.dispatch(1, lane, random.nextInt(4) == 0 ? null : random.nextLong(5_000));
        InferenceRequest request = Samples.request();
        PriceList prices = prices(random);
        if (random.nextInt(10) == 0) {
            return MeteringEvent.dispatched(request, dispatch, prices);
        }
        Answer answer = random.nextInt(4) == 0 ? null : answer(random);
        boolean good = answer != null && random.nextBoolean();
        AttemptError error = good ? null : error(random);
        Attempt attempt = new Attempt(dispatch, Duration.ofMillis(7), answer, error);
        return MeteringEvent.ended(request, attempt, prices);
    }

    private static PriceList prices(Random random) {
        Price price = Price.of(rate(random), rate(random), rate(random), rate(random));
        return PriceList.of(Map.of(Samples.LANE, price), "config", "v");
    }

    private static @Nullable BigDecimal rate(Random random) {
        return switch (random.nextInt(6)) {
            case 0 -> null;
            case 1 -> BigDecimal.ZERO;
            case 2 -> new BigDecimal("1E+1");
            default -> BigDecimal.valueOf(random.nextLong(1_000_000), random.nextInt(9));
        };
    }

    private static Answer answer(Random random) {
        String tier = random.nextInt(3) == 0 ? TIERS[random.nextInt(TIERS.length)] : null;
        Usage usage = random.nextInt(3) == 0 ? null : usage(random);
        int status = STATUSES[random.nextInt(STATUSES.length)];
        return new Answer(status, Payload.opaque(new byte[0]), null, null, null, null, tier, usage);
    }

    /** Not always sound: parts may exceed their totals, and counts may be negative. */
    private static Usage usage(Random random) {
        Map<String, Long> counters =
                random.nextInt(5) == 0 ? Map.of("web_search", random.nextLong(3)) : Map.of();
        return new Usage(
                count(random, 3_000),
                count(random, 1_000),
                count(random, 1_000),
                count(random, 2_000),
                count(random, 1_000),
                counters,
                null);
    }

    private static @Nullable Long count(Random random, long most) {
        return switch (random.nextInt(12)) {
            case 0, 1 -> null;
            case 2 -> 0L;
            case 3 -> -random.nextLong(10);
            default -> random.nextLong(most);
        };
    }

    private static AttemptError error(Random random) {
        ErrorKind[] kinds = ErrorKind.values();
        return Samples.error(kinds[random.nextInt(kinds.length)], random.nextBoolean());
    }

    private static BigDecimal sum(Bill bill) {
        return bill.lines().stream()
                .map(Line::amount)
                .filter(Objects::nonNull)
                .reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    private static long quantity(Bill bill, String prefix) {
        return bill.lines().stream()
                .filter(line -> line.kind().startsWith(prefix))
                .mapToLong(Line::quantity)
                .sum();
    }

    private static long zeroIfAbsent(@Nullable Long count) {
        return count == null ? 0 : count;
    }
}
