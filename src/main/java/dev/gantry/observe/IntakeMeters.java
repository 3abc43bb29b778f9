package dev.gantry.observe;

import dev.gantry.intake.Intake;
import dev.gantry.intake.position.LogResets;
import dev.gantry.intake.position.PartitionState;
import dev.gantry.intake.position.SkippedRequests;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;

/** The gauges of the contract that intake knows. */
public final class IntakeMeters implements MeterBinder {
    private final Intake intake;
    private final ConsumerLag lag;
    private final List<String> topics;

    /**
     * @param topics of requests
     */
    public IntakeMeters(Intake intake, ConsumerLag lag, List<String> topics) {
        this.intake = intake;
        this.lag = lag;
        this.topics = List.copyOf(topics);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        topics.forEach(topic -> bindTo(registry, topic));
        Gauge.builder("gantry.parked", intake, Intake::parked)
                .description("of those waiting, requests whose lanes do not take them now")
                .register(registry);
        Gauge.builder("gantry.handed.over", intake, Intake::handedOver)
                .description("requests that this worker finishes for partitions it gave away")
                .register(registry);
        Gauge.builder("gantry.held.elsewhere", intake, Intake::heldElsewhere)
                .description("requests of this worker's partitions that other workers finish")
                .register(registry);
        Gauge.builder("gantry.partitions", intake, each -> each.partitions().size())
                .description("partitions owned")
                .register(registry);
        Gauge.builder("gantry.partitions.map.truncated", intake, IntakeMeters::truncated)
                .description("partitions not fetched because nothing takes what is done")
                .register(registry);
        for (SkippedRequests.Reason reason : SkippedRequests.Reason.values()) {
            FunctionCounter.builder(
                            "gantry.requests.skipped",
                            intake.skipped(),
                            skipped -> skipped.count(reason))
                    .description("requests passed over because nobody could read them")
                    .tag("reason", reason.label())
                    .register(registry);
        }
        for (LogResets.Reason reason : LogResets.Reason.values()) {
            FunctionCounter.builder(
                            "gantry.setbacks", intake.logResets(), each -> each.count(reason))
                    .description("times a partition's reading went back as its log had changed")
                    .tag("reason", reason.label())
                    .register(registry);
        }
    }

    private void bindTo(MeterRegistry registry, String topic) {
        Gauge.builder("gantry.backlog", lag, each -> each.of(topic).records())
                .description("end offset less completed, over the partitions owned")
                .tag("topic", topic)
                .register(registry);
        Gauge.builder("gantry.backlog.limited", lag, each -> each.of(topic).limited())
                .description(
                        "of the backlog, requests that more workers would not help: their lanes are"
                                + " benched or at their limits")
                .tag("topic", topic)
                .register(registry);
        Gauge.builder(
                        "gantry.in.flight",
                        intake,
                        each -> sum(each, topic, state -> state.open() - state.waiting()))
                .description("requests at work")
                .tag("topic", topic)
                .register(registry);
        Gauge.builder("gantry.waiting", intake, each -> sum(each, topic, PartitionState::waiting))
                .description("requests in line for a slot or a lane")
                .tag("topic", topic)
                .register(registry);
        TimeGauge.builder(
                        "gantry.oldest.age",
                        intake,
                        TimeUnit.MILLISECONDS,
                        each -> oldest(each, topic))
                .description("age of the oldest unfinished request")
                .tag("topic", topic)
                .register(registry);
    }

    private static double sum(Intake intake, String topic, ToIntFunction<PartitionState> count) {
        return of(intake, topic).mapToInt(count).map(each -> Math.max(0, each)).sum();
    }

    private static Stream<PartitionState> of(Intake intake, String topic) {
        return intake.partitions().stream().filter(state -> state.topic().equals(topic));
    }

    private static double truncated(Intake intake) {
        return intake.partitions().stream().filter(PartitionState::mapTruncated).count();
    }

    private static double oldest(Intake intake, String topic) {
        return of(intake, topic)
                .map(PartitionState::oldest)
                .filter(Objects::nonNull)
                .mapToLong(oldest -> oldest.age().toMillis())
                .max()
                .orElse(0);
    }
}
