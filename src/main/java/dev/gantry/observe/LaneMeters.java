package dev.gantry.observe;

import dev.gantry.circuit.Circuits;
import dev.gantry.inference.LaneId;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;

import java.util.List;

/**
 * {@code gantry.lane.state}: one gauge per configured lane; {@code gantry.build.info}: drift across
 * a fleet, another version or another catalogue. Both follow the catalogue.
 */
public final class LaneMeters implements MeterBinder {
    private final Circuits circuits;
    private final String build;

    /** What is shown, and the gauges once there are any; guarded by this. */
    private Shown shown;

    private List<MultiGauge> gauges = List.of();

    /**
     * A catalogue as the gauges know it.
     *
     * @param version of the catalogue
     */
    public record Shown(List<LaneId> lanes, String version) {
        public Shown {
            lanes = List.copyOf(lanes);
        }
    }

    /**
     * @param build the worker's version
     */
    public LaneMeters(Circuits circuits, String build, Shown first) {
        this.circuits = circuits;
        this.build = build;
        this.shown = first;
    }

    @Override
    public synchronized void bindTo(MeterRegistry registry) {
        Gauge.builder("gantry.circuit.own", () -> circuits.own().size())
                .description("circuits that this worker alone holds back or probes")
                .register(registry);
        gauges =
                List.of(
                        MultiGauge.builder("gantry.lane.state")
                                .description(
                                        "circuit of the lane: 0 closed, 1 half-open, 2 open, 3 denied")
                                .register(registry),
                        MultiGauge.builder("gantry.build.info")
                                .description("1; which release and which catalogue is at work")
                                .register(registry));
        show(shown);
    }

    /** Another catalogue: gauges of lanes that it lacks go. */
    public synchronized void show(Shown next) {
        shown = next;
        if (!gauges.isEmpty()) {
            gauges.getFirst().register(next.lanes().stream().map(this::state).toList());
            Tags build = Tags.of("version", this.build, "catalog", next.version());
            gauges.getLast().register(List.of(Row.of(build, () -> 1)));
        }
    }

    private Row<?> state(LaneId lane) {
        return Row.of(Tags.of("lane", lane.value()), () -> circuits.state(lane).severity());
    }
}
