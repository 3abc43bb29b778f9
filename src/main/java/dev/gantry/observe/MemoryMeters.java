package dev.gantry.observe;

import dev.gantry.memory.ByteBudget;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

import java.util.function.ToDoubleFunction;

/** What the worker holds in memory of what it may, and who waits for room. */
public final class MemoryMeters implements MeterBinder {
    private final ByteBudget budget;

    public MemoryMeters(ByteBudget budget) {
        this.budget = budget;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        held(registry, "requests", ByteBudget::requests);
        held(registry, "answers", ByteBudget::answers);
        held(registry, "undelivered", ByteBudget::undelivered);
        Gauge.builder("gantry.held.limit", budget, ByteBudget::limit)
                .baseUnit("bytes")
                .description("bytes that may be held: gantry.worker.max-in-flight-size")
                .register(registry);
        Gauge.builder("gantry.answers.waiting", budget, ByteBudget::waiting)
                .description("calls whose answer is not read because there is no room for it")
                .register(registry);
    }

    private void held(MeterRegistry registry, String what, ToDoubleFunction<ByteBudget> bytes) {
        Gauge.builder("gantry.held", budget, bytes)
                .tag("what", what)
                .baseUnit("bytes")
                .description("bytes held in memory; an answer counts as often as it is copied")
                .register(registry);
    }
}
