package dev.gantry.observe;

import dev.gantry.circuit.Circuits;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;

import java.util.List;

/** {@code gantry.lane.state}: one gauge per configured lane. */
public final class LaneMeters implements MeterBinder {
    private final Circuits circuits;
    private final List<ListedLane> lanes;

    public LaneMeters(Circuits circuits, List<ListedLane> lanes) {
        this.circuits = circuits;
        this.lanes = List.copyOf(lanes);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        Gauge.builder("gantry.circuit.own", () -> circuits.own().size())
                .description("circuits that this worker alone holds back or probes")
                .register(registry);
        for (ListedLane lane : lanes) {
            Gauge.builder("gantry.lane.state", () -> circuits.state(lane.id()).severity())
                    .description("0 closed, 1 half-open, 2 open, 3 denied")
                    .tag("lane", lane.id().value())
                    .register(registry);
        }
    }
}
