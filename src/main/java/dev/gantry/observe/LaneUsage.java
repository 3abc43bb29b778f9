package dev.gantry.observe;

import dev.gantry.inference.Answer;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptError;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FinishReason;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.MeterOutcome;
import dev.gantry.inference.Usage;
import dev.gantry.metering.Bill;
import dev.gantry.metering.Cost;
import dev.gantry.metering.CostLine;
import dev.gantry.metering.MeterReading;
import dev.gantry.metering.TokenKind;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What this worker's attempts on one lane came to, in the numbers of the metering topic. Sums are
 * there from the first attempt on, so that what is added later is seen as a rise from 0.
 */
final class LaneUsage {
    /** Counters of a provider's own, such as searches: their names are the provider's. */
    private static final String OTHER = "other";

    /** What a price per request comes to. */
    private static final String REQUEST = "request";

    private static final List<String> ALWAYS_BILLED =
            List.of(TokenKind.INPUT_UNCACHED.label(), TokenKind.OUTPUT_TEXT.label());

    /** Those of a bill's lines whose names are ours, and so bounded. */
    private static final Set<String> KINDS =
            Stream.concat(
                            Arrays.stream(TokenKind.values()).map(TokenKind::label),
                            Stream.of(REQUEST))
                    .collect(Collectors.toUnmodifiableSet());

    private final MeterRegistry registry;
    private final Tags lane;
    private final Duration[] buckets;

    /** All that {@link #remove} takes out of the registry. */
    private final Set<Meter> meters = ConcurrentHashMap.newKeySet();

    private final Map<MeterOutcome, Ended> ended = new ConcurrentHashMap<>();
    private final Counter input;
    private final Counter cacheRead;
    private final Counter cacheWrite;
    private final Counter output;
    private final Counter reasoning;
    private final Map<String, Counter> costs = new ConcurrentHashMap<>();
    private final Counter atRisk;
    private final Counter unbounded;
    private final Counter unlistedEnds;
    private final Counter unknownFailures;

    private record Ended(Counter count, Timer duration) {}

    /**
     * @param buckets upper bounds of histograms; empty: there are none
     */
    LaneUsage(LaneId lane, List<Duration> buckets, MeterRegistry registry) {
        this.registry = registry;
        this.buckets = buckets.toArray(Duration[]::new);
        this.lane =
                Tags.of("provider", lane.provider(), "model", lane.model(), "lane", lane.value());
        this.input = tokens("input");
        this.cacheRead = tokens("cache_read");
        this.cacheWrite = tokens("cache_write");
        this.output = tokens("output");
        this.reasoning = tokens("reasoning");
        ALWAYS_BILLED.forEach(this::cost);
        this.atRisk =
                counter(
                        Counter.builder("gantry.cost.at.risk.usd")
                                .description(
                                        "what attempts of uncertain cost may have cost at most"
                                                + " beyond what is known, in USD"));
        this.unbounded =
                counter(
                        Counter.builder("gantry.cost.unbounded")
                                .description(
                                        "attempts of unknown cost without a bound: no price, or no"
                                                + " end to their output"));
        this.unlistedEnds =
                counter(
                        Counter.builder("gantry.finish.reasons.unlisted")
                                .description("answers that ended by a word nobody listed"));
        this.unknownFailures =
                counter(
                        Counter.builder("gantry.failures.unknown")
                                .description("failures that no rule knows"));
    }

    void add(Attempt attempt, MeterReading reading) {
        Ended end = ended.computeIfAbsent(reading.outcome(), this::ended);
        end.count().increment();
        end.duration().record(attempt.took());
        Attempt.Streamed streamed = attempt.streamed();
        if (streamed != null && streamed.firstDelta() != null) {
            // Not from the start: a histogram is large, and not every lane streams.
            timer(
                            Timer.builder("gantry.attempt.ttft")
                                    .description(
                                            "from dispatch to the first delta of a streamed answer"))
                    .record(streamed.firstDelta());
        }
        Answer answer = attempt.answer();
        if (answer != null && FinishReason.of(answer.finishReason()) == FinishReason.UNLISTED) {
            unlistedEnds.increment(); // the meter event holds the word
        }
        AttemptError error = attempt.error();
        if (error != null && error.kind() == ErrorKind.UNKNOWN) {
            unknownFailures.increment();
        }
        Usage usage = reading.count().usage();
        if (usage != null) {
            add(input, usage.input());
            add(cacheRead, usage.cacheRead());
            add(cacheWrite, usage.cacheWrite());
            add(output, usage.output());
            add(reasoning, usage.reasoning());
        }
        add(reading.bill());
    }

    private void add(Bill priced) {
        Cost bill = priced.cost();
        BigDecimal known = bill.amount() == null ? BigDecimal.ZERO : bill.amount();
        if (bill.amount() != null) {
            for (CostLine line : priced.lines()) {
                add(line);
            }
        }
        switch (bill.state()) {
            case FINAL, NOT_BILLABLE -> {}
            case ESTIMATED, UNKNOWN -> {
                if (bill.upperBound() == null) {
                    unbounded.increment();
                } else {
                    atRisk.increment(
                            bill.upperBound().subtract(known).max(BigDecimal.ZERO).doubleValue());
                }
            }
        }
    }

    private void add(CostLine line) {
        if (line.amount() != null && line.amount().signum() != 0) {
            cost(KINDS.contains(line.kind()) ? line.kind() : OTHER)
                    .increment(line.amount().doubleValue());
        }
    }

    private Counter cost(String kind) {
        return costs.computeIfAbsent(
                kind,
                _ ->
                        counter(
                                Counter.builder("gantry.cost.usd")
                                        .description(
                                                "cost of attempts as far as it is known, in USD")
                                        .tag("kind", kind)));
    }

    /** The catalogue has the lane no longer. */
    void remove() {
        meters.forEach(registry::remove);
    }

    static void add(Counter counter, @Nullable Long quantity) {
        if (quantity != null) {
            counter.increment(quantity);
        }
    }

    private Counter tokens(String kind) {
        return counter(
                Counter.builder("gantry.tokens")
                        .description(
                                "tokens as providers counted them; input and output hold the others")
                        .tag("kind", kind));
    }

    private Ended ended(MeterOutcome outcome) {
        Timer duration =
                timer(
                        Timer.builder("gantry.attempt.duration")
                                .description("time that calls to providers took")
                                .tag("outcome", outcome.label()));
        Counter count =
                counter(
                        Counter.builder("gantry.attempts")
                                .description("calls to providers that have ended")
                                .tag("outcome", outcome.label()));
        return new Ended(count, duration);
    }

    private Counter counter(Counter.Builder builder) {
        Counter counter = builder.tags(lane).register(registry);
        meters.add(counter);
        return counter;
    }

    private Timer timer(Timer.Builder builder) {
        Timer timer = builder.tags(lane).serviceLevelObjectives(buckets).register(registry);
        meters.add(timer);
        return timer;
    }
}
