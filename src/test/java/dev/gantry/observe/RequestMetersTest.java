package dev.gantry.observe;

import static dev.gantry.routing.LaneDraft.lane;
import static dev.gantry.routing.RequestBuilder.request;

import static org.assertj.core.api.Assertions.assertThat;

import static java.util.Objects.requireNonNull;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;

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
import dev.gantry.metering.MeterReading;
import dev.gantry.metering.MeteringEvent;
import dev.gantry.metering.MeteringSamples;
import dev.gantry.metering.PriceList;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

class RequestMetersTest {
    private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
    private static final InferenceRequest REQUEST =
            request("m").deadline(NOW.plusSeconds(60)).build();

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final LastErrors errors = new LastErrors();
    private final RequestMeters meters = new RequestMeters(registry, errors, 1, () -> NOW);
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
        assertThat(registry.get("gantry.requests").tag("outcome", "expired").counter().count())
                .isEqualTo(1);
        assertThat(
                        registry.get("gantry.requests.failed")
                                .tag("code", "batch_expired")
                                .counter()
                                .count())
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

        meters.attemptEnded(answered, known);
        meters.attemptEnded(lost, risky);
        meters.attemptEnded(lost, read(lost, PriceList.NONE));

        assertThat(known.bill().cost().amount()).isPositive();
        assertThat(count("gantry.cost.usd"))
                .isEqualTo(requireNonNull(known.bill().cost().amount()).doubleValue());
        assertThat(count("gantry.cost.at.risk.usd"))
                .isPositive()
                .isEqualTo(requireNonNull(risky.bill().cost().upperBound()).doubleValue());
        assertThat(count("gantry.cost.unbounded")).isEqualTo(1);
        assertThat(count("gantry.tokens", "kind", "input")).isEqualTo(100);
        assertThat(count("gantry.tokens", "kind", "cache_read")).isEqualTo(40);
        assertThat(count("gantry.tokens", "kind", "output")).isEqualTo(10);
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
        meters.attemptEnded(attempt, MeterReading.of(REQUEST, attempt, PriceList.NONE));
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
