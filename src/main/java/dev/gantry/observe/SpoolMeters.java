package dev.gantry.observe;

import dev.gantry.outbox.Publisher;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;

import java.util.concurrent.TimeUnit;

/** The spool's figures: gauges of the fleet's spool, counters of what this worker did with it. */
public final class SpoolMeters implements MeterBinder {
    private final Publisher publisher;

    public SpoolMeters(Publisher publisher) {
        this.publisher = publisher;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        gauges(registry);
        FunctionCounter.builder("gantry.spool.spooled", publisher, each -> each.spool().spooled())
                .description("records written to the spool")
                .register(registry);
        FunctionCounter.builder("gantry.spool.drained", publisher, each -> each.spool().drained())
                .description("records published from the spool")
                .register(registry);
        FunctionCounter.builder("gantry.spool.poison", publisher, each -> each.spool().poison())
                .description("records set aside: the broker will never take them")
                .register(registry);
    }

    private void gauges(MeterRegistry registry) {
        Gauge.builder("gantry.spool.records", publisher, each -> each.spool().records())
                .description("records in the spool, those set aside included")
                .register(registry);
        Gauge.builder("gantry.spool.bytes", publisher, each -> each.spool().bytes())
                .description("bytes of those records")
                .baseUnit("bytes")
                .register(registry);
        TimeGauge.builder(
                        "gantry.spool.age",
                        publisher,
                        TimeUnit.MILLISECONDS,
                        each -> each.spool().age().toMillis())
                .description("age of the oldest record that is to be published")
                .register(registry);
    }
}
