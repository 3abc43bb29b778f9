package dev.gantry.observe;

import dev.gantry.admission.AdmissionControl;
import dev.gantry.admission.LaneLoad;
import dev.gantry.circuit.Circuits;
import dev.gantry.inference.LaneId;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * What each configured lane has to do now; {@code gantry.build.info}: drift across a fleet, another
 * version or another catalogue. All follow the catalogue.
 */
public final class LaneMeters implements MeterBinder {
    private final Circuits circuits;
    private final AdmissionControl admission;
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
    public LaneMeters(Circuits circuits, AdmissionControl admission, String build, Shown first) {
        this.circuits = circuits;
        this.admission = admission;
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
                        MultiGauge.builder("gantry.lane.in.flight")
                                .description("calls under way")
                                .register(registry),
                        MultiGauge.builder("gantry.lane.waiting")
                                .description("requests in line that would take this lane")
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
            gauges.get(0).register(next.lanes().stream().map(this::state).toList());
            gauges.get(1).register(rows(next, LaneLoad::underWay));
            gauges.get(2).register(rows(next, LaneLoad::waiting));
            Tags build = Tags.of("version", this.build, "catalog", next.version());
            gauges.getLast().register(List.of(Row.of(build, () -> 1)));
        }
    }

    private Row<?> state(LaneId lane) {
        return Row.of(Tags.of("lane", lane.value()), () -> circuits.state(lane).severity());
    }

    private List<Row<?>> rows(Shown next, ToIntFunction<LaneLoad> count) {
        List<Row<?>> rows = new ArrayList<>();
        for (LaneId lane : next.lanes()) {
            Tags tags = Tags.of("provider", lane.provider(), "lane", lane.value());
            rows.add(Row.of(tags, () -> count(lane, count)));
        }
        return rows;
    }

    private int count(LaneId lane, ToIntFunction<LaneLoad> count) {
        LaneLoad load = admission.load(lane);
        return load == null ? 0 : count.applyAsInt(load);
    }
}
