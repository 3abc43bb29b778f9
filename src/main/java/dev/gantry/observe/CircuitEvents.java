package dev.gantry.observe;

import dev.gantry.circuit.Circuits;
import dev.gantry.delivery.Delivery;
import dev.gantry.inference.CircuitCause;
import dev.gantry.inference.CircuitTransition;
import dev.gantry.inference.StateLabel;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** Counts and publishes what circuits and their operators do; this worker's part of the fleet's. */
public final class CircuitEvents {
    private static final String OPERATOR = "operator";

    private final Delivery delivery;
    private final MeterRegistry registry;

    public CircuitEvents(Delivery delivery, MeterRegistry registry) {
        this.delivery = delivery;
        this.registry = registry;
        for (StateLabel each : StateLabel.values()) {
            counter(each, OPERATOR); // so that an operator's first act is seen as a rise from 0
        }
    }

    /** Before the circuits are started. */
    public void listenTo(Circuits circuits) {
        circuits.onTransition(this::moved);
        circuits.onAct(delivery::operatorActed);
    }

    private void moved(CircuitTransition move) {
        counter(move.to(), kind(move.cause())).increment();
        delivery.circuitChanged(move);
    }

    private Counter counter(StateLabel to, String kind) {
        return Counter.builder("gantry.circuit.transitions")
                .description("moves of circuits that this worker announced")
                .tag("to", to.label())
                .tag("kind", kind)
                .register(registry);
    }

    private static String kind(CircuitCause cause) {
        return cause.kind() == null ? OPERATOR : cause.kind().label();
    }
}
