package dev.gantry.observe;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;

import static org.assertj.core.api.Assertions.assertThat;

import static java.util.Objects.requireNonNull;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;

import dev.gantry.admission.WaitReason;
import dev.gantry.inference.Adaptation;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptError;
import dev.gantry.inference.AttemptFate;
import dev.gantry.inference.AttemptKind;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.Outcome;
import dev.gantry.inference.Rejection;
import dev.gantry.inference.SourcePosition;
import dev.gantry.inference.SourceRecord;
import dev.gantry.inference.Usage;
import dev.gantry.metering.Bill;
import dev.gantry.metering.CostLine;
import dev.gantry.metering.MeterReading;
import dev.gantry.metering.MeteringEvent;
import dev.gantry.metering.MeteringSamples;
import dev.gantry.metering.PriceList;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

class RequestMetersTest {
    private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
    private static final InferenceRequest REQUEST =
            request("m").deadline(NOW.plusSeconds(60)).build();

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final LastErrors errors = new LastErrors();
    private final RequestMeters meters =
            new RequestMeters(
                    registry,
                    errors,
                    new RequestMeters.Shown(List.of("urgent", "bulk"), RequestMeters.BUCKETS, 1),
                    () -> NOW);
    private final List<ILoggingEvent> logged = new ArrayList<>();
    private final Logger log = (Logger) LoggerFactory.getLogger("dev.gantry.outcome");

    /** Other tests may run beside this one. */
    private final AppenderBase<ILoggingEvent> ear =
            new AppenderBase<>() {
                private final Thread test = Thread.currentThread();

                @Override
                protected void append(ILoggingEvent line) {
                    if (Thread.currentThread().equals(test)) {
                        logged.add(line);
                    }
                }
            };

    @BeforeEach
    void listen() {
        ear.start();
        log.addAppender(ear);
    }

    @AfterEach
    void leave() {
        log.detachAppender(ear);
    }

    @Test
    void lanesThatComeAndGoLeaveNothing() {
        LaneId last = fail(0, ErrorKind.UNKNOWN, "down").lane();
        for (int swap = 1; swap <= 1_000; swap++) {
            boolean quiet = swap % 500 > 0;
            last = fail(swap, quiet ? ErrorKind.SERVER : ErrorKind.UNKNOWN, "down").lane();
            meters.keep(Set.of(last));
        }

        assertThat(registry.find("gantry.attempts").counters()).hasSize(1);
        assertThat(registry.find("gantry.attempt.duration").timers()).hasSize(1);
        assertThat(registry.find("gantry.failures.unknown").counters())
                .singleElement()
                .returns(1.0, Counter::count);
        assertThat(errors.row(last)).isNotNull();
        assertThat(errors.row(id(0))).isNull();
    }

    /** Legion logs a payload that a provider refuses as a bug of its own. */
    @Test
    void aRequestOfTheWrongFormIsLoggedAsOursToMend() {
        Attempt attempt = fail(1, ErrorKind.BAD_REQUEST, "no, Ada Lovelace");

        meters.concluded(new Conclusion(REQUEST, new Outcome.Refused(attempt), List.of(attempt)));

        ILoggingEvent line = logged.getLast();
        assertThat(line.getLevel()).isEqualTo(Level.WARN);
        assertThat(pairs(line)).contains("kind=bad_request", "code=odd").doesNotContain("Ada");
    }

    @Test
    void anotherEndIsNoWarning() {
        Attempt attempt = fail(1, ErrorKind.CONTENT_POLICY, "no, Ada Lovelace");

        meters.concluded(new Conclusion(REQUEST, new Outcome.Refused(attempt), List.of(attempt)));

        ILoggingEvent line = logged.getLast();
        assertThat(line.getLevel()).isEqualTo(Level.INFO);
        assertThat(pairs(line)).doesNotContain("Ada", "kind=");
    }

    @Test
    void endsHaveTheWordsOfResults() {
        meters.concluded(
                new Conclusion(
                        REQUEST,
                        new Outcome.Failed(FailureCode.BATCH_EXPIRED, "too late", "too late"),
                        List.of()));

        assertThat(pairs(logged.getLast()))
                .startsWith("request_id=" + REQUEST.id().value() + " outcome=expired")
                .contains("code=batch_expired");
        assertThat(told("gantry.requests", "topic", "gantry.requests", "outcome", "expired"))
                .isEqualTo(1);
        assertThat(
                        told(
                                "gantry.requests.failed",
                                "topic",
                                "gantry.requests",
                                "code",
                                "batch_expired"))
                .isEqualTo(1);
    }

    /** rsclaw keeps the text of what it does not know, to extend its rules; this is what may. */
    @Test
    void aFailureThatNoRuleKnowsIsLoggedByItsFingerprint() {
        fail(1, ErrorKind.UNKNOWN, "teapot 17 is short, Ada Lovelace");
        fail(1, ErrorKind.UNKNOWN, "teapot 2026 is short, Ada Lovelace");
        fail(1, ErrorKind.UNKNOWN, "teapot 17 is stout, Ada Lovelace");

        List<String> lines = logged.stream().map(RequestMetersTest::pairs).toList();
        assertThat(lines)
                .hasSize(3)
                .allSatisfy(
                        line ->
                                assertThat(line)
                                        .contains("lane=local:p1:x:inference:m", "code=odd")
                                        .containsPattern("fingerprint=[0-9a-f]{12}")
                                        .doesNotContain("teapot", "Ada"));
        assertThat(lines.get(0)).isEqualTo(lines.get(1)).isNotEqualTo(lines.get(2));
        assertThat(registry.get("gantry.failures.unknown").counter().count()).isEqualTo(3);
    }

    private static String pairs(ILoggingEvent line) {
        return line.getKeyValuePairs().stream()
                .map(each -> each.key + "=" + each.value)
                .collect(Collectors.joining(" "));
    }

    @Test
    void theLoserOfARaceIsNoErrorOfItsLane() {
        Attempt lost = failed(1, ErrorKind.CANCELLED, "cancelled");

        meters.attemptEnded(
                REQUEST,
                lost,
                MeteringEvent.ended(REQUEST, lost, AttemptFate.RACE_LOST, PriceList.NONE)
                        .reading());

        assertThat(errors.row(lost.lane())).isNull();
        assertThat(registry.get("gantry.attempts").tag("outcome", "race_lost").counter().count())
                .isEqualTo(1);
    }

    /** Known, at risk, and without a bound: as the recipes add the metering topic up. */
    @Test
    void moneyAndTokensAreThoseOfTheMeter() {
        Attempt answered =
                MeteringSamples.succeeded(
                        1, MeteringSamples.LANE, MeteringSamples.usage(100L, 40L, null, 10L));
        Attempt lost =
                MeteringSamples.lost(
                        2, MeteringSamples.LANE, MeteringSamples.error(ErrorKind.TIMEOUT, true));
        MeterReading known = read(answered, MeteringSamples.PRICES);
        MeterReading risky = read(lost, MeteringSamples.PRICES);

        meters.attemptEnded(REQUEST, answered, known);
        meters.attemptEnded(REQUEST, lost, risky);
        meters.attemptEnded(REQUEST, lost, read(lost, PriceList.NONE));

        assertThat(known.bill().cost().amount()).isPositive();
        assertThat(known.bill().lines())
                .extracting(CostLine::kind)
                .containsExactly("input_uncached", "input_cache_read", "output_text");
        for (CostLine line : known.bill().lines()) {
            assertThat(count("gantry.cost.usd", "kind", line.kind()))
                    .isEqualTo(requireNonNull(line.amount()).doubleValue());
        }
        assertThat(registry.get("gantry.cost.usd").counters()).hasSize(3);
        assertThat(count("gantry.cost.at.risk.usd"))
                .isPositive()
                .isEqualTo(requireNonNull(risky.bill().cost().upperBound()).doubleValue());
        assertThat(count("gantry.cost.unbounded")).isEqualTo(1);
        assertThat(count("gantry.tokens", "kind", "input")).isEqualTo(100);
        assertThat(count("gantry.tokens", "kind", "cache_read")).isEqualTo(40);
        assertThat(count("gantry.tokens", "kind", "output")).isEqualTo(10);
    }

    /** Names of counters are the provider's to choose. */
    @Test
    void whatAProviderCountsOfItsOwnIsOneKindOfCost() {
        MeterReading known = read(MeteringSamples.succeeded(1, MeteringSamples.LANE, usage(1L)));
        var line = new CostLine("web_search_requests", 2, 1, BigDecimal.ONE, BigDecimal.valueOf(2));
        Bill bill = new Bill(List.of(line), known.bill().cost(), null);

        meters.attemptEnded(
                REQUEST,
                MeteringSamples.succeeded(1, MeteringSamples.LANE, usage(1L)),
                new MeterReading(known.evidence(), known.outcome(), known.count(), bill));

        assertThat(count("gantry.cost.usd", "kind", "other")).isEqualTo(2);
    }

    /** Who fills a topic sees what it costs and what becomes of it. */
    @Test
    void requestsAndSpendAreToldByTopic() {
        Attempt answered = MeteringSamples.succeeded(1, MeteringSamples.LANE, usage(100L));
        MeterReading reading = read(answered);
        InferenceRequest urgent = from("urgent");

        meters.attemptEnded(urgent, answered, reading);
        meters.waiting(urgent, WaitReason.PACE, null);
        meters.concluded(
                new Conclusion(urgent, new Outcome.Succeeded(answered), List.of(answered)));
        meters.rejected(
                new Rejection(
                        new SourceRecord(from("bulk").source(), null, null, List.of()),
                        FailureCode.INVALID_REQUEST,
                        "no",
                        null,
                        null));

        String provider = MeteringSamples.LANE.provider();
        assertThat(told("gantry.requests", "topic", "urgent", "outcome", "succeeded")).isOne();
        assertThat(told("gantry.requests", "topic", "bulk", "outcome", "succeeded")).isZero();
        assertThat(told("gantry.requests", "topic", "bulk", "outcome", "invalid")).isOne();
        assertThat(told("gantry.requests.failed", "topic", "bulk", "code", "invalid_request"))
                .isOne();
        assertThat(told("gantry.waits", "topic", "urgent", "why", "pace")).isOne();
        assertThat(told("gantry.topic.cost.usd", "topic", "urgent", "provider", provider))
                .isEqualTo(requireNonNull(reading.bill().cost().amount()).doubleValue());
        assertThat(told("gantry.topic.tokens", "topic", "urgent", "kind", "input")).isEqualTo(100);
    }

    private double told(String name, String... tags) {
        return registry.get(name).tags(tags).counter().count();
    }

    private static InferenceRequest from(String topic) {
        SourcePosition there = new SourcePosition(topic, 0, 7, NOW.toEpochMilli());
        return new InferenceRequest(
                REQUEST.id(),
                REQUEST.customId(),
                REQUEST.batchId(),
                there,
                REQUEST.execution(),
                REQUEST.operation(),
                REQUEST.body(),
                REQUEST.options(),
                REQUEST.deadline(),
                REQUEST.trace(),
                NOW);
    }

    /** What operate.md says of a worker with 200 lanes, two outcomes each. */
    @Test
    void twoHundredLanesAreAFewThousandSeries() {
        assertThat(series(RequestMeters.BUCKETS)).isLessThanOrEqualTo(9_600);
        assertThat(series(List.of())).isLessThanOrEqualTo(4_000);
    }

    private static long series(List<Duration> buckets) {
        PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(key -> null);
        RequestMeters meters = meters(prometheus, buckets);
        for (int number = 0; number < 200; number++) {
            LaneId lane =
                    lane("local:p%d:x%d:inference:m".formatted(number % 10, number)).build().id();
            Attempt answered = MeteringSamples.succeeded(1, lane, usage(100L));
            Attempt failed =
                    MeteringSamples.lost(2, lane, MeteringSamples.error(ErrorKind.TIMEOUT, true));
            meters.attemptEnded(REQUEST, answered, read(answered));
            meters.attemptEnded(REQUEST, failed, read(failed));
        }
        return prometheus.scrape().lines().filter(line -> line.startsWith("gantry_")).count();
    }

    /** From a fast embedding to a long thought; beyond the last they are still counted. */
    @Test
    void aHistogramReachesFromMillisecondsToMinutes() {
        PrometheusMeterRegistry prometheus = new PrometheusMeterRegistry(key -> null);
        Attempt answered = MeteringSamples.succeeded(1, MeteringSamples.LANE, usage(100L));

        meters(prometheus, RequestMeters.BUCKETS).attemptEnded(REQUEST, answered, read(answered));

        List<String> bounds =
                Pattern.compile("gantry_attempt_duration_seconds_bucket\\{.*le=\"(.+?)\"")
                        .matcher(prometheus.scrape())
                        .results()
                        .map(each -> each.group(1))
                        .toList();
        assertThat(bounds).hasSize(14).startsWith("0.05").endsWith("600.0", "+Inf");
    }

    private static RequestMeters meters(MeterRegistry registry, List<Duration> buckets) {
        var shown = new RequestMeters.Shown(List.of("urgent", "bulk"), buckets, 1);
        return new RequestMeters(registry, new LastErrors(), shown, () -> NOW);
    }

    private static Usage usage(long input) {
        return MeteringSamples.usage(input, null, null, 10L);
    }

    private static MeterReading read(Attempt attempt) {
        return read(attempt, MeteringSamples.PRICES);
    }

    private static MeterReading read(Attempt attempt, PriceList prices) {
        return MeterReading.of(MeteringSamples.request(), attempt, prices);
    }

    private double count(String name, String... tags) {
        LaneId lane = MeteringSamples.LANE;
        return registry.get(name)
                .tag("provider", lane.provider())
                .tag("model", lane.model())
                .tag("lane", lane.value())
                .tags(tags)
                .counter()
                .count();
    }

    /** In a race that need not be the last that was called. */
    @Test
    void theLogNamesTheLaneThatTheEndRestsOn() {
        Attempt refused = fail(1, ErrorKind.CONTENT_POLICY, "no");
        Attempt later = fail(2, ErrorKind.CANCELLED, "cancelled");

        meters.concluded(
                new Conclusion(REQUEST, new Outcome.Refused(refused), List.of(refused, later)));

        assertThat(pairs(logged.getLast())).contains("lane=" + refused.lane());
    }

    private Attempt fail(int number, ErrorKind kind, String said) {
        Attempt attempt = failed(number, kind, said);
        meters.attemptEnded(REQUEST, attempt, MeterReading.of(REQUEST, attempt, PriceList.NONE));
        return attempt;
    }

    private static Attempt failed(int number, ErrorKind kind, String said) {
        var dispatch =
                new Attempt.Dispatch(
                        REQUEST.attempt(1),
                        AttemptKind.PRIMARY,
                        id(number),
                        new Adaptation("m", null, List.of()),
                        "primary",
                        NOW,
                        NOW.plusSeconds(60),
                        null,
                        null,
                        null,
                        null);
        var error = new AttemptError(kind, said, "HTTP 500", "odd", null, true, false);
        return new Attempt(dispatch, Duration.ofSeconds(1), new Attempt.End.Failed(error, null));
    }

    private static LaneId id(int number) {
        return lane("local:p" + number + ":x:inference:m").build().id();
    }
}
