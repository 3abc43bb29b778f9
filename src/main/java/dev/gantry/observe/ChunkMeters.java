package dev.gantry.observe;

import dev.gantry.outbox.ChunkPublisher;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

import java.util.function.ToDoubleFunction;

/** What has become of streams' chunks. */
public final class ChunkMeters implements MeterBinder {
    private final ChunkPublisher chunks;

    public ChunkMeters(ChunkPublisher chunks) {
        this.chunks = chunks;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        counter(registry, "published", ChunkPublisher::published);
        counter(registry, "dropped", ChunkPublisher::dropped);
    }

    private void counter(
            MeterRegistry registry, String outcome, ToDoubleFunction<ChunkPublisher> count) {
        FunctionCounter.builder("gantry.chunks", chunks, count)
                .description("chunks of streamed answers; the broker did not take those dropped")
                .tag("outcome", outcome)
                .register(registry);
    }
}
