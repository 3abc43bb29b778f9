package dev.gantry.observe;

import dev.gantry.circuit.Circuits;
import dev.gantry.circuit.state.Cause;
import dev.gantry.circuit.state.OperatorAct;
import dev.gantry.circuit.state.OperatorAction;
import dev.gantry.circuit.state.Transition;
import dev.gantry.delivery.Delivery;
import dev.gantry.event.CircuitChange;
import dev.gantry.event.OperatorDeed;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

import java.time.Duration;

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
        circuits.onAct(this::acted);
    }

    private void moved(Transition move) {
        Counter.builder("gantry.circuit.transitions")
                .description("moves of circuits that this worker announced")
                .tag("to", move.to().label())
                .tag("kind", kind(move.cause()))
                .register(registry)
                .increment();
        delivery.circuitChanged(change(move));
    }

    private static String kind(Cause cause) {
        return cause.kind() == null ? "operator" : cause.kind().label();
    }

    private void acted(OperatorAct act, Runnable told) {
        OperatorAction action = act.action();
        Duration time = action.deed() instanceof OperatorAction.Open(Duration open) ? open : null;
        OperatorDeed deed =
                new OperatorDeed(
                        act.id(),
                        act.at(),
                        action.actor(),
                        action.target().value(),
                        action.deed().label(),
                        time,
                        action.reason(),
                        act.moves().stream().map(CircuitEvents::change).toList());
        delivery.operatorActed(deed, told);
    }

    private static CircuitChange change(Transition move) {
        Cause cause = move.cause();
        return new CircuitChange(
                move.key().value(),
                move.from().label(),
                move.to().label(),
                move.at(),
                move.until(),
                cause.kind() == null ? null : cause.kind().label(),
                cause.reason(),
                cause.actor());
    }
}
