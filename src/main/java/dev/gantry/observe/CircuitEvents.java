package dev.gantry.observe;

import dev.gantry.circuit.Circuits;
import dev.gantry.delivery.Delivery;
import dev.gantry.inference.CircuitCause;
import dev.gantry.inference.CircuitTransition;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** Counts and publishes what circuits and their operators do; this worker's part of the fleet's. */
public final class CircuitEvents {
    private final Delivery delivery;
    private final MeterRegistry registry;

    public CircuitEvents(Delivery delivery, MeterRegistry registry) {
        this.delivery = delivery;
        this.registry = registry;
    }

    /** Before the circuits are started. */
    public void listenTo(Circuits circuits) {
        circuits.onTransition(this::moved);
        circuits.onAct(delivery::operatorActed);
    }

    private void moved(CircuitTransition move) {
        Counter.builder("gantry.circuit.transitions")
                .description("moves of circuits that this worker announced")
                .tag("to", move.to().label())
                .tag("kind", kind(move.cause()))
                .register(registry)
                .increment();
        delivery.circuitChanged(move);
    }

    private static String kind(CircuitCause cause) {
        return cause.kind() == null ? "operator" : cause.kind().label();
    }
}
