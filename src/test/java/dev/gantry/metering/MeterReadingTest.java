package dev.gantry.metering;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gantry.inference.Answer;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptFate;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.MeterOutcome;
import dev.gantry.inference.Usage;
import dev.gantry.operation.Operations;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;

class MeterReadingTest {
    private static final InferenceRequest REQUEST = MeteringSamples.request();

    /** The bytes of the body at the dearest input rate, 800 projected output tokens. */
    private static final String BOUND = "0.01227375";

    @Test
    void pricesEachPartOfTheUsageOnce() {
        Usage usage = new Usage(12_000L, 10_000L, 1_500L, 800L, 300L, Map.of(), null);

        MeterReading reading = read(MeteringSamples.succeeded(1, MeteringSamples.LANE, usage));

        assertThat(reading.evidence()).isEqualTo(Evidence.FINAL);
        assertThat(reading.count().source()).isEqualTo(UsageSource.PROVIDER);
        assertThat(MeteringSamples.lines(reading))
                .containsExactly(
                        "input_uncached 500 0.0015",
                        "input_cache_read 10000 0.003",
                        "input_cache_write 1500 0.005625",
                        "output_text 500 0.0075",
                        "output_reasoning 300 0.0045");
        assertThat(amount(reading)).isEqualTo("0.022125");
        assertThat(reading.bill().cost().state()).isEqualTo(Cost.State.FINAL);
    }

    @ParameterizedTest(name = "{0} {1} -> {2}, {3}")
    @CsvSource(
            textBlock =
                    """
                    RATE_LIMIT,       429, THROTTLED,      NOT_BILLABLE
                    RATE_LIMIT,       200, THROTTLED,      UNKNOWN
                    OVERLOADED,       503, THROTTLED,      NOT_BILLABLE
                    OVERLOADED,       529, THROTTLED,      NOT_BILLABLE
                    BILLING,          402, INVALID,        NOT_BILLABLE
                    BILLING,          429, INVALID,        NOT_BILLABLE
                    AUTH,             401, INVALID,        NOT_BILLABLE
                    MODEL_MISSING,    404, INVALID,        NOT_BILLABLE
                    BAD_REQUEST,      400, INVALID,        NOT_BILLABLE
                    CONTEXT_OVERFLOW, 400, INVALID,        NOT_BILLABLE
                    CONTEXT_OVERFLOW, 200, INVALID,        UNKNOWN
                    CONTENT_POLICY,   400, REFUSED,        NOT_BILLABLE
                    CONTENT_POLICY,   200, REFUSED,        UNKNOWN
                    SERVER,           500, PROVIDER_ERROR, NOT_BILLABLE
                    SERVER,           503, PROVIDER_ERROR, NOT_BILLABLE
                    SERVER,           502, PROVIDER_ERROR, UNKNOWN
                    SERVER,           200, PROVIDER_ERROR, UNKNOWN
                    UNKNOWN,          418, PROVIDER_ERROR, NOT_BILLABLE
                    TIMEOUT,          504, PROVIDER_ERROR, UNKNOWN
                    TIMEOUT,          524, PROVIDER_ERROR, UNKNOWN
                    TIMEOUT,          408, PROVIDER_ERROR, UNKNOWN
                    """)
    void anErrorAnswerWithoutUsageIsBilledByItsStatus(
            ErrorKind kind, int status, MeterOutcome outcome, Cost.State state) {
        Attempt attempt =
                MeteringSamples.failed(
                        1, MeteringSamples.LANE, MeteringSamples.answer(status, "{}", null), kind);

        MeterReading reading = read(attempt);

        assertThat(reading.outcome()).isEqualTo(outcome);
        assertThat(reading.bill().cost().state()).isEqualTo(state);
        assertThat(reading.evidence())
                .isEqualTo(state == Cost.State.UNKNOWN ? Evidence.ESTIMATED : Evidence.FINAL);
        assertThat(MeteringSamples.bound(reading))
                .isEqualTo(state == Cost.State.UNKNOWN ? BOUND : null);
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @CsvSource({"TIMEOUT,TIMEOUT", "CANCELLED,CANCELLED", "NETWORK,PROVIDER_ERROR"})
    void aCallThatEndsWithoutAnswerMayHaveBeenBilled(ErrorKind kind, MeterOutcome outcome) {
        Attempt attempt =
                MeteringSamples.lost(1, MeteringSamples.LANE, MeteringSamples.error(kind, true));

        MeterReading reading = read(attempt);

        assertThat(reading.outcome()).isEqualTo(outcome);
        assertThat(reading.evidence()).isEqualTo(Evidence.ESTIMATED);
        assertThat(reading.bill().cost().state()).isEqualTo(Cost.State.UNKNOWN);
        assertThat(MeteringSamples.bound(reading)).isEqualTo(BOUND);
    }

    @ParameterizedTest
    @EnumSource(ErrorKind.class)
    void whatWasNeverSentIsNeverBilled(ErrorKind kind) {
        Attempt attempt =
                MeteringSamples.lost(1, MeteringSamples.LANE, MeteringSamples.error(kind, false));

        MeterReading reading = read(attempt);

        assertThat(reading.bill().cost().state()).isEqualTo(Cost.State.NOT_BILLABLE);
        assertThat(amount(reading)).isEqualTo("0");
        assertThat(reading.evidence()).isEqualTo(Evidence.FINAL);
    }

    @Test
    void usageInAnErrorAnswerIsPriced() {
        Answer answer =
                MeteringSamples.answer(500, "{}", MeteringSamples.usage(100L, null, null, 0L));

        MeterReading reading =
                read(MeteringSamples.failed(1, MeteringSamples.LANE, answer, ErrorKind.SERVER));

        assertThat(reading.evidence()).isEqualTo(Evidence.FINAL);
        assertThat(amount(reading)).isEqualTo("0.0003");
    }

    @Test
    void usageOfABrokenStreamIsAnEstimate() {
        Answer answer =
                MeteringSamples.answer(200, "{}", MeteringSamples.usage(100L, null, null, 10L));

        MeterReading reading =
                read(MeteringSamples.failed(1, MeteringSamples.LANE, answer, ErrorKind.NETWORK));

        assertThat(reading.evidence()).isEqualTo(Evidence.ESTIMATED);
        assertThat(reading.count().source()).isEqualTo(UsageSource.PROVIDER_PARTIAL);
        assertThat(reading.bill().cost().state()).isEqualTo(Cost.State.ESTIMATED);
        assertThat(amount(reading)).isEqualTo("0.00045");
        assertThat(MeteringSamples.bound(reading)).isEqualTo("0.012375");
    }

    /** What it had counted by then is not its end. */
    @Test
    void anErrorInTheMidstOfAStreamLeavesAnEstimate() {
        Usage counted = MeteringSamples.usage(100L, null, null, 20L);
        Answer answer = MeteringSamples.answer(200, "{\"error\":{}}", counted);
        Attempt error =
                MeteringSamples.failed(1, MeteringSamples.LANE, answer, ErrorKind.OVERLOADED);
        var streamed = new Attempt.Streamed(Duration.ZERO, counted);

        MeterReading reading =
                read(new Attempt(error.dispatch(), error.took(), error.end(), streamed));

        assertThat(reading.count().source()).isEqualTo(UsageSource.PROVIDER_PARTIAL);
        assertThat(reading.bill().cost().state()).isEqualTo(Cost.State.ESTIMATED);
    }

    @Test
    void aSuccessThatCountsOnlyItsInputHasAnUnknownCost() {
        Usage usage = MeteringSamples.usage(100L, null, null, null);

        MeterReading reading = read(MeteringSamples.succeeded(1, MeteringSamples.LANE, usage));

        assertThat(reading.evidence()).isEqualTo(Evidence.ESTIMATED);
        assertThat(reading.bill().cost().state()).isEqualTo(Cost.State.UNKNOWN);
        assertThat(MeteringSamples.bound(reading)).isEqualTo("0.012375");
    }

    @Test
    void aPartThatContradictsItsTotalIsDroppedAndTheTotalsStay() {
        Usage usage = MeteringSamples.usage(500L, 10_000L, null, 5L);

        MeterReading reading = read(MeteringSamples.succeeded(1, MeteringSamples.LANE, usage));

        assertThat(reading.bill().cost().state()).isEqualTo(Cost.State.ESTIMATED);
        assertThat(reading.count().source()).isEqualTo(UsageSource.PROVIDER_PARTIAL);
        assertThat(reading.count().usage()).isEqualTo(MeteringSamples.usage(500L, null, null, 5L));
    }

    @Test
    void anInputThatNobodyCanBoundHasNoBound() {
        Attempt usual = MeteringSamples.succeeded(1, MeteringSamples.LANE, null);
        Attempt.Dispatch known = usual.dispatch();
        Attempt.Dispatch unbound =
                new Attempt.Dispatch(
                        known.id(),
                        known.kind(),
                        known.lane(),
                        known.adaptation(),
                        known.reason(),
                        known.startedAt(),
                        known.deadline(),
                        null,
                        known.projectedOutput(),
                        known.step(),
                        null);

        MeterReading reading = read(new Attempt(unbound, usual.took(), usual.end()));

        assertThat(reading.bill().cost().state()).isEqualTo(Cost.State.UNKNOWN);
        assertThat(MeteringSamples.bound(reading)).isNull();
    }

    @Test
    void nothingCountedBesideAnAnswerIsUnknown() {
        Usage usage = MeteringSamples.usage(0L, null, null, 0L);

        MeterReading reading = read(MeteringSamples.succeeded(1, MeteringSamples.LANE, usage));

        assertThat(reading.bill().cost().state()).isEqualTo(Cost.State.UNKNOWN);
        assertThat(MeteringSamples.bound(reading)).isEqualTo("0.01227375");
    }

    @Test
    void aCounterThatNobodyPricesMakesTheCostUnknown() {
        Usage usage = new Usage(100L, null, null, 10L, null, Map.of("web_search", 2L), null);

        MeterReading reading = read(MeteringSamples.succeeded(1, MeteringSamples.LANE, usage));

        assertThat(reading.bill().cost()).isEqualTo(Cost.unknown(null));
        assertThat(reading.bill().missing()).isEqualTo("counter:web_search");
        assertThat(MeteringSamples.lines(reading))
                .contains("input_uncached 100 0.0003", "web_search 2 null");
    }

    @Test
    void aCounterAtZeroCostsNothing() {
        Usage usage = new Usage(100L, null, null, 0L, null, Map.of("web_search", 0L), null);

        MeterReading reading = read(MeteringSamples.succeeded(1, MeteringSamples.LANE, usage));

        assertThat(amount(reading)).isEqualTo("0.0003");
    }

    @ParameterizedTest(name = "asked {0}, served {1} -> {2}")
    @CsvSource(
            nullValues = "-",
            textBlock =
                    """
                    -,    -,        -
                    auto, default,  -
                    flex, default,  -
                    flex, -,        service_tier:flex
                    -,    priority, service_tier:priority
                    auto, flex,     service_tier:flex
                    """)
    void theServedTierDecidesWhetherTheListPriceApplies(
            @Nullable String asked, @Nullable String served, @Nullable String missing) {
        InferenceRequest request =
                MeteringSamples.request(REQUEST.options(), MeteringSamples.body("[]", asked));
        Answer plain =
                MeteringSamples.answer(200, "{}", MeteringSamples.usage(100L, null, null, 0L));
        Answer answer =
                new Answer(200, plain.body(), null, null, null, null, served, plain.usage());
        Attempt attempt =
                new Attempt(
                        MeteringSamples.dispatch(1, MeteringSamples.LANE),
                        Duration.ofMillis(5),
                        new Attempt.End.Succeeded(answer));

        Bill bill = MeterReading.of(request, attempt, MeteringSamples.PRICES).bill();

        assertThat(bill.missing()).isEqualTo(missing);
        assertThat(bill.cost().amount() == null).isEqualTo(missing != null);
    }

    @Test
    void aLaneWithoutPriceHasAnUnknownCost() {
        Usage usage = MeteringSamples.usage(100L, null, null, 10L);

        MeterReading reading =
                read(MeteringSamples.succeeded(1, MeteringSamples.OTHER_LANE, usage));

        assertThat(reading.evidence()).isEqualTo(Evidence.FINAL);
        assertThat(reading.bill().cost().state()).isEqualTo(Cost.State.UNKNOWN);
        assertThat(reading.bill().missing()).isEqualTo("lane_not_priced");
    }

    /** As a person writes it: no word of caches, or limits. */
    private static final PriceList FREE =
            PriceList.of(
                    Map.of(MeteringSamples.LANE, MeteringSamples.price("0", null, null, "0")),
                    "config",
                    "v");

    @Test
    void aFreeLaneCostsZeroAndThatIsKnown() {
        Usage usage = MeteringSamples.usage(100L, 10L, 20L, 10L);

        MeterReading reading =
                MeterReading.of(
                        REQUEST, MeteringSamples.succeeded(1, MeteringSamples.LANE, usage), FREE);

        assertThat(amount(reading)).isEqualTo("0");
        assertThat(reading.bill().cost().state()).isEqualTo(Cost.State.FINAL);
    }

    @ParameterizedTest(name = "priced {0}, usage {1} -> {2} {3}")
    @CsvSource(
            textBlock =
                    """
                    ,  ,   NOT_BILLABLE, FINAL
                    0, ,   NOT_BILLABLE, FINAL
                    3, ,   UNKNOWN,      ESTIMATED
                    3, 10, FINAL,        FINAL
                    ,  10, UNKNOWN,      FINAL
                    """)
    void whatIsBilledNowhereCostsNothingUntilItIsPriced(
            @Nullable String price, @Nullable Long counted, Cost.State state, Evidence evidence) {
        InferenceRequest request = MeteringSamples.request(Operations.MODERATIONS);
        Usage usage = counted == null ? null : MeteringSamples.usage(counted, null, null, null);
        PriceList prices =
                price == null
                        ? PriceList.NONE
                        : PriceList.of(
                                Map.of(
                                        MeteringSamples.LANE,
                                        MeteringSamples.price(price, null, null, null)),
                                "config",
                                "v");

        MeterReading reading =
                MeterReading.of(
                        request, MeteringSamples.succeeded(1, MeteringSamples.LANE, usage), prices);

        Cost before =
                MeterReading.dispatched(
                                request, MeteringSamples.dispatch(1, MeteringSamples.LANE), prices)
                        .bill()
                        .cost();
        assertThat(Objects.requireNonNull(before.upperBound()).signum())
                .isEqualTo("3".equals(price) ? 1 : 0);
        assertThat(reading.bill().cost().state()).isEqualTo(state);
        assertThat(reading.evidence()).isEqualTo(evidence);
        assertThat(reading.count().source())
                .isEqualTo(counted == null ? UsageSource.NONE : UsageSource.PROVIDER);
        assertThat(prices.projected(request, MeteringSamples.dispatch(1, MeteringSamples.LANE)))
                .isEqualByComparingTo(price == null || price.equals("0") ? "0" : "0.000036");
    }

    @Test
    void anUnlimitedOutputHasNoUpperBound() {
        Attempt attempt =
                new Attempt(
                        MeteringSamples.dispatch(1, MeteringSamples.LANE, null),
                        Duration.ofMillis(5),
                        new Attempt.End.Failed(
                                MeteringSamples.error(ErrorKind.TIMEOUT, true), null));

        MeterReading reading = read(attempt);

        assertThat(reading.bill().cost()).isEqualTo(Cost.unknown(null));
        assertThat(MeterReading.of(REQUEST, attempt, FREE).bill().cost())
                .isEqualTo(Cost.unknown(BigDecimal.ZERO));
    }

    @Test
    void aDispatchIsUnknownUpToItsBound() {
        MeteringEvent event =
                MeteringEvent.dispatched(
                        REQUEST,
                        MeteringSamples.dispatch(1, MeteringSamples.LANE),
                        MeteringSamples.PRICES);

        assertThat(event.id()).isEqualTo(MeteringSamples.EXECUTION + "~1/10000000");
        assertThat(MeteringSamples.bound(event.reading())).isEqualTo(BOUND);
        assertThat(event.expiresAt()).isEqualTo(MeteringSamples.STARTED.plusSeconds(90));
        assertThat(event.submitted()).isNull();
    }

    @Test
    void roundsHalfEvenToTwelveDigits() {
        BigDecimal price = new BigDecimal("0.0000005");

        assertThat(CostLine.tokens(TokenKind.OUTPUT_TEXT, 1, price).amount())
                .isEqualByComparingTo("0");
        assertThat(CostLine.tokens(TokenKind.OUTPUT_TEXT, 3, price).amount())
                .isEqualByComparingTo("0.000000000002");
        assertThat(Money.text(new BigDecimal("1E+3"))).isEqualTo("1000");
        assertThat(Money.text(new BigDecimal("0.00E-9"))).isEqualTo("0");
    }

    @Test
    void aRaceThatWasLostStillCostsWhatItCost() {
        MeteringEvent answered =
                MeteringEvent.ended(
                        REQUEST,
                        MeteringSamples.succeeded(
                                2,
                                MeteringSamples.LANE,
                                MeteringSamples.usage(100L, null, null, 10L)),
                        AttemptFate.RACE_LOST,
                        MeteringSamples.PRICES);
        MeteringEvent cancelled =
                MeteringEvent.ended(
                        REQUEST,
                        MeteringSamples.lost(
                                2,
                                MeteringSamples.LANE,
                                MeteringSamples.error(ErrorKind.CANCELLED, true)),
                        AttemptFate.RACE_LOST,
                        MeteringSamples.PRICES);

        assertThat(answered.selected()).isFalse();
        assertThat(answered.reading().outcome()).isEqualTo(MeterOutcome.RACE_LOST);
        assertThat(amount(answered.reading())).isEqualTo("0.00045");
        assertThat(cancelled.reading().evidence()).isEqualTo(Evidence.ESTIMATED);
        assertThat(MeteringSamples.bound(cancelled.reading())).isEqualTo(BOUND);
    }

    private static MeterReading read(Attempt attempt) {
        return MeterReading.of(REQUEST, attempt, MeteringSamples.PRICES);
    }

    private static @Nullable String amount(MeterReading reading) {
        return Money.textIfKnown(reading.bill().cost().amount());
    }
}
