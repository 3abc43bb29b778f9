package dev.gantry.observe;

import dev.gantry.admission.WaitReason;
import dev.gantry.event.ResultOutcome;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptError;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.Outcome;
import dev.gantry.inference.Rejection;
import dev.gantry.metering.MeterReading;
import dev.gantry.worker.RequestObserver;

import io.micrometer.core.instrument.MeterRegistry;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.DoubleStream;

/**
 * The counters of the contract, and the log line of each request. Labels are bounded: never an id.
 */
public final class RequestMeters implements RequestObserver {
    /**
     * Upper bounds of histograms of times: calls take from milliseconds to minutes. With the one
     * without bound that Prometheus adds they are 14.
     */
    public static final List<Duration> BUCKETS =
            DoubleStream.of(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)
                    .mapToObj(seconds -> Duration.ofMillis((long) (seconds * 1000)))
                    .toList();

    private final MeterRegistry registry;
    private final OutcomeLog log;
    private final LastErrors errors;
    private final List<Duration> buckets;
    private final Map<String, TopicUsage> topics = new ConcurrentHashMap<>();
    private final Map<LaneId, LaneUsage> lanes = new ConcurrentHashMap<>();

    /**
     * What is to be seen.
     *
     * @param topics of requests; their counters are there from the start
     * @param buckets upper bounds of histograms; empty: there are none
     * @param loggedSuccesses the share of successes that have a log line at INFO, 0 to 1
     */
    public record Shown(List<String> topics, List<Duration> buckets, double loggedSuccesses) {
        public Shown {
            topics = List.copyOf(topics);
            buckets = List.copyOf(buckets);
        }
    }

    public RequestMeters(
            MeterRegistry registry, LastErrors errors, Shown shown, InstantSource clock) {
        this.errors = errors;
        this.registry = registry;
        this.buckets = shown.buckets();
        this.log = new OutcomeLog(shown.loggedSuccesses(), clock);
        shown.topics().forEach(this::topic);
    }

    private TopicUsage topic(String name) {
        return topics.computeIfAbsent(name, each -> new TopicUsage(each, registry));
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
    public void attemptEnded(InferenceRequest request, Attempt attempt, MeterReading reading) {
        errors.ended(attempt, reading.outcome());
        lanes.computeIfAbsent(attempt.lane(), each -> new LaneUsage(each, buckets, registry))
                .add(attempt, reading);
        topic(request.source().topic()).spent(attempt.lane().provider(), reading);
        AttemptError error = attempt.error();
        if (error != null && error.kind() == ErrorKind.UNKNOWN) {
            log.unknown(attempt, error);
        }
    }

    @Override
    public void waiting(InferenceRequest request, WaitReason reason, @Nullable Instant until) {
        topic(request.source().topic()).waits(reason);
    }

    @Override
    public void concluded(Conclusion conclusion) {
        TopicUsage topic = topic(conclusion.request().source().topic());
        if (conclusion.outcome() instanceof Outcome.Failed(var code, _, _)) {
            topic.failed(code);
        } else {
            topic.ended(ResultOutcome.word(conclusion.outcome()));
        }
        log.concluded(conclusion);
    }

    @Override
    public void rejected(Rejection rejection) {
        topic(rejection.record().position().topic()).failed(rejection.code());
        log.rejected(rejection);
    }
}
