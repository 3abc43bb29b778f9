package dev.gantry.observe;

import dev.gantry.intake.Intake;
import dev.gantry.intake.LogResets;
import dev.gantry.intake.PartitionState;
import dev.gantry.intake.SkippedRequests;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The gauges of the contract that intake knows. */
public final class IntakeMeters implements MeterBinder {
    private final Intake intake;
    private final ConsumerLag lag;

    public IntakeMeters(Intake intake, ConsumerLag lag) {
        this.intake = intake;
        this.lag = lag;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("gantry.in.flight", intake, Intake::inFlight)
                .description("requests at work")
                .register(registry);
        Gauge.builder("gantry.waiting", intake, Intake::waiting)
                .description("requests in line for a slot or a lane")
                .register(registry);
        Gauge.builder("gantry.parked", intake, Intake::parked)
                .description("of those waiting, requests whose lanes do not take them now")
                .register(registry);
        Gauge.builder("gantry.backlog", lag, ConsumerLag::records)
                .description("end offset less completed, over the partitions owned")
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
        TimeGauge.builder("gantry.oldest.age", intake, TimeUnit.MILLISECONDS, IntakeMeters::oldest)
                .description("age of the oldest unfinished request")
                .register(registry);
    }

    private static double truncated(Intake intake) {
        return intake.partitions().stream().filter(PartitionState::mapTruncated).count();
    }

    private static double oldest(Intake intake) {
        List<Duration> ages = new ArrayList<>();
        for (PartitionState state : intake.partitions()) {
            if (state.oldest() != null) {
                ages.add(state.oldest().age());
            }
        }
        return ages.stream().mapToLong(Duration::toMillis).max().orElse(0);
    }
}
