package dev.gantry.observe;

import dev.gantry.admission.WaitReason;
import dev.gantry.event.ResultOutcome;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptError;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.FinishReason;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.Outcome;
import dev.gantry.inference.Rejection;
import dev.gantry.inference.Usage;
import dev.gantry.metering.MeterReading;
import dev.gantry.worker.RequestObserver;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The counters of the contract, and the log line of each request. Labels are bounded: never an id.
 */
public final class RequestMeters implements RequestObserver {
    private final MeterRegistry registry;
    private final OutcomeLog log;
    private final LastErrors errors;

    /** Looked up once per combination: the registry's own lookup builds an id each time. */
    private final Map<String, Counter> requests = new ConcurrentHashMap<>();

    private final Map<FailureCode, Counter> failures = new ConcurrentHashMap<>();
    private final Map<LaneOutcome, AttemptMeters> attempts = new ConcurrentHashMap<>();
    private final Map<LaneId, Timer> firstDeltas = new ConcurrentHashMap<>();
    private final Map<String, Counter> tokens = new ConcurrentHashMap<>();
    private final Map<WaitReason, Counter> waits = new ConcurrentHashMap<>();
    private final LaneCounter unlistedEnds;
    private final LaneCounter unknownFailures;
    private final Counter cost;

    private record LaneOutcome(LaneId lane, String outcome) {}

    private record AttemptMeters(Counter count, Timer duration) {}

    /** One counter for each lane, as long as the catalogue has it. */
    private static final class LaneCounter {
        private final MeterRegistry registry;
        private final Meter.MeterProvider<Counter> counter;
        private final Map<LaneId, Counter> counters = new ConcurrentHashMap<>();

        LaneCounter(Counter.Builder counter, MeterRegistry registry) {
            this.registry = registry;
            this.counter = counter.withRegistry(registry);
        }

        void increment(LaneId lane) {
            counters.computeIfAbsent(lane, each -> counter.withTag("lane", each.value()))
                    .increment();
        }

        void keep(Set<LaneId> lanes) {
            for (LaneId lane : Set.copyOf(counters.keySet())) {
                Counter gone = lanes.contains(lane) ? null : counters.remove(lane);
                if (gone != null) {
                    registry.remove(gone);
                }
            }
        }
    }

    public RequestMeters(MeterRegistry registry, LastErrors errors, InstantSource clock) {
        this.errors = errors;
        this.registry = registry;
        this.log = new OutcomeLog(clock);
        this.unlistedEnds =
                new LaneCounter(
                        Counter.builder("gantry.finish.reasons.unlisted")
                                .description("answers that ended by a word nobody listed"),
                        registry);
        this.unknownFailures =
                new LaneCounter(
                        Counter.builder("gantry.failures.unknown")
                                .description("failures that no rule knows"),
                        registry);
        this.cost =
                Counter.builder("gantry.cost.usd")
                        .description("known cost of attempts")
                        .register(registry);
    }

    /** Another catalogue: what is known of lanes that it lacks goes, meters too. */
    public void keep(Set<LaneId> lanes) {
        errors.keep(lanes);
        attempts.entrySet()
                .removeIf(
                        each -> {
                            boolean goes = !lanes.contains(each.getKey().lane());
                            if (goes) {
                                registry.remove(each.getValue().count());
                                registry.remove(each.getValue().duration());
                            }
                            return goes;
                        });
        for (LaneId lane : Set.copyOf(firstDeltas.keySet())) {
            Timer gone = lanes.contains(lane) ? null : firstDeltas.remove(lane);
            if (gone != null) {
                registry.remove(gone);
            }
        }
        unlistedEnds.keep(lanes);
        unknownFailures.keep(lanes);
    }

    @Override
    public void attemptEnded(Attempt attempt, MeterReading reading) {
        errors.ended(attempt, reading.outcome());
        AttemptMeters meters =
                attempts.computeIfAbsent(
                        new LaneOutcome(attempt.lane(), reading.outcome().label()),
                        this::attemptMeters);
        meters.count().increment();
        meters.duration().record(attempt.took());
        Attempt.Streamed streamed = attempt.streamed();
        if (streamed != null && streamed.firstDelta() != null) {
            firstDeltas
                    .computeIfAbsent(attempt.lane(), this::firstDelta)
                    .record(streamed.firstDelta());
        }
        if (attempt.answer() != null
                && FinishReason.of(attempt.answer().finishReason()) == FinishReason.UNLISTED) {
            unlistedEnds.increment(attempt.lane()); // the meter event holds the word
        }
        AttemptError error = attempt.error();
        if (error != null && error.kind() == ErrorKind.UNKNOWN) {
            unknownFailures.increment(attempt.lane());
            log.unknown(attempt, error);
        }
        Usage usage = attempt.answer() == null ? null : attempt.answer().usage();
        if (usage != null) {
            count("input", usage.input());
            count("cache_read", usage.cacheRead());
            count("cache_write", usage.cacheWrite());
            count("output", usage.output());
            count("reasoning", usage.reasoning());
        }
        BigDecimal amount = reading.bill().cost().amount();
        if (amount != null) {
            cost.increment(amount.doubleValue());
        }
    }

    @Override
    public void waiting(InferenceRequest request, WaitReason reason, @Nullable Instant until) {
        waits.computeIfAbsent(
                        reason,
                        each ->
                                Counter.builder("gantry.waits")
                                        .description("times a request stood in line")
                                        .tag("why", each.name().toLowerCase(Locale.ROOT))
                                        .register(registry))
                .increment();
    }

    private void count(String kind, @Nullable Long quantity) {
        if (quantity != null && quantity > 0) {
            tokens.computeIfAbsent(
                            kind,
                            each ->
                                    Counter.builder("gantry.tokens")
                                            .tag("kind", each)
                                            .register(registry))
                    .increment(quantity);
        }
    }

    private AttemptMeters attemptMeters(LaneOutcome key) {
        LaneId lane = key.lane();
        return new AttemptMeters(
                Counter.builder("gantry.attempts")
                        .tag("provider", lane.provider())
                        .tag("lane", lane.value())
                        .tag("outcome", key.outcome())
                        .register(registry),
                Timer.builder("gantry.attempt.duration")
                        .tag("provider", lane.provider())
                        .tag("lane", lane.value())
                        .tag("outcome", key.outcome())
                        .publishPercentileHistogram()
                        .register(registry));
    }

    private Timer firstDelta(LaneId lane) {
        return Timer.builder("gantry.attempt.ttft")
                .description("from dispatch to the first delta of a streamed answer")
                .tag("provider", lane.provider())
                .tag("lane", lane.value())
                .publishPercentileHistogram()
                .register(registry);
    }

    @Override
    public void concluded(Conclusion conclusion) {
        request(ResultOutcome.word(conclusion.outcome()));
        if (conclusion.outcome() instanceof Outcome.Failed(var code, _, _)) {
            failed(code);
        }
        log.concluded(conclusion);
    }

    @Override
    public void rejected(Rejection rejection) {
        request(ResultOutcome.word(rejection.code()));
        failed(rejection.code());
        log.rejected(rejection);
    }

    private void failed(FailureCode code) {
        failures.computeIfAbsent(
                        code,
                        each ->
                                Counter.builder("gantry.requests.failed")
                                        .description(
                                                "requests that have an error instead of an answer")
                                        .tag("code", each.label())
                                        .register(registry))
                .increment();
    }

    private void request(String outcome) {
        requests.computeIfAbsent(
                        outcome,
                        each ->
                                Counter.builder("gantry.requests")
                                        .tag("outcome", each)
                                        .register(registry))
                .increment();
    }
}
