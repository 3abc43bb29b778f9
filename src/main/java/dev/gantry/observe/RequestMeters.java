package dev.gantry.observe;

import static java.util.Objects.requireNonNull;

import dev.gantry.admission.WaitReason;
import dev.gantry.event.ResultOutcome;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptError;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.FailureCode;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.Outcome;
import dev.gantry.inference.Rejection;
import dev.gantry.metering.MeterReading;
import dev.gantry.worker.RequestObserver;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
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

    /** Looked up once each: the registry's own lookup builds an id each time. */
    private final Map<String, Counter> requests = new ConcurrentHashMap<>();

    private final Map<FailureCode, Counter> failures = new EnumMap<>(FailureCode.class);
    private final Map<WaitReason, Counter> waits = new EnumMap<>(WaitReason.class);
    private final Map<LaneId, LaneUsage> lanes = new ConcurrentHashMap<>();

    public RequestMeters(
            MeterRegistry registry,
            LastErrors errors,
            double loggedSuccesses,
            InstantSource clock) {
        this.errors = errors;
        this.registry = registry;
        this.log = new OutcomeLog(loggedSuccesses, clock);
        // All from the start: a first one is seen as a rise from 0.
        for (FailureCode code : FailureCode.values()) {
            failures.put(code, failure(code));
            requests.computeIfAbsent(ResultOutcome.word(code), this::outcome);
        }
        for (WaitReason reason : WaitReason.values()) {
            waits.put(reason, wait(reason));
        }
        for (String word : List.of("succeeded", "refused", "abandoned")) {
            requests.computeIfAbsent(word, this::outcome);
        }
    }

    /** Another catalogue: what is known of lanes that it lacks goes, meters too. */
    public void keep(Set<LaneId> offered) {
        errors.keep(offered);
        for (LaneId lane : Set.copyOf(lanes.keySet())) {
            LaneUsage gone = offered.contains(lane) ? null : lanes.remove(lane);
            if (gone != null) {
                gone.remove();
            }
        }
    }

    @Override
    public void attemptEnded(Attempt attempt, MeterReading reading) {
        errors.ended(attempt, reading.outcome());
        lanes.computeIfAbsent(attempt.lane(), each -> new LaneUsage(each, registry))
                .add(attempt, reading);
        AttemptError error = attempt.error();
        if (error != null && error.kind() == ErrorKind.UNKNOWN) {
            log.unknown(attempt, error);
        }
    }

    @Override
    public void waiting(InferenceRequest request, WaitReason reason, @Nullable Instant until) {
        requireNonNull(waits.get(reason)).increment();
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
        requireNonNull(failures.get(code)).increment();
    }

    private void request(String word) {
        requests.computeIfAbsent(word, this::outcome).increment();
    }

    private Counter failure(FailureCode code) {
        return Counter.builder("gantry.requests.failed")
                .description("requests that have an error instead of an answer")
                .tag("code", code.label())
                .register(registry);
    }

    private Counter wait(WaitReason reason) {
        return Counter.builder("gantry.waits")
                .description("times a request stood in line")
                .tag("why", reason.name().toLowerCase(Locale.ROOT))
                .register(registry);
    }

    private Counter outcome(String word) {
        return Counter.builder("gantry.requests")
                .description("requests that have ended, or were given back")
                .tag("outcome", word)
                .register(registry);
    }
}
