package dev.gantry.circuit.state;

import static dev.gantry.circuit.state.Samples.LANE_KEY;
import static dev.gantry.circuit.state.Samples.second;
import static dev.gantry.circuit.state.Samples.trip;

import dev.gantry.inference.CircuitCause;
import dev.gantry.inference.ErrorKind;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/** A circuit in every state, at one moment; the events that most tests need. */
public final class CircuitSamples {
    public static final Instant NOW = second(1000);
    static final Lease OURS = new Lease("w-1", second(996), second(1071));
    static final Lease LAPSED = new Lease("w-2", second(900), second(999));
    static final Lease FOREIGN = new Lease("w-3", second(997), second(1072));

    private CircuitSamples() {}

    public static Circuit closed(int trips) {
        return in(new CircuitState.Closed(second(900)), trips);
    }

    public static Circuit in(CircuitState state, int trips) {
        CircuitCause cause = new CircuitCause(ErrorKind.SERVER, "down", "w-1");
        return new Circuit(LANE_KEY, state, trips, cause, FailureWindow.NONE, 1);
    }

    static Circuit circuit(String state) {
        return in(state(state), 1);
    }

    public static CircuitState state(String state) {
        return switch (state) {
            case "closed" -> new CircuitState.Closed(second(900));
            case "open" -> open(990, 1010, CircuitState.End.PROBE);
            case "due" -> open(900, 995, CircuitState.End.PROBE);
            case "waiting" -> open(990, 1010, CircuitState.End.TIME);
            case "over" -> open(900, 995, CircuitState.End.TIME);
            case "probed" -> half(OURS);
            case "free" -> half(null);
            case "lapsed" -> half(LAPSED);
            case "denied" -> new CircuitState.Denied(second(900));
            default -> throw new IllegalArgumentException(state);
        };
    }

    public static CircuitState open(int since, int until, CircuitState.End end) {
        return new CircuitState.Open(second(since), second(until), end);
    }

    static CircuitState half(@Nullable Lease lease) {
        return new CircuitState.HalfOpen(second(995), lease);
    }

    public static CircuitEvent failures(Instant at, int failures) {
        return new CircuitEvent.Counted(
                at, at, new FailureWindow.Batch(0, failures, 0), trip(ErrorKind.SERVER, null));
    }

    static CircuitEvent hit(Instant at, ErrorKind kind) {
        return new CircuitEvent.Tripped(at, at, trip(kind, null));
    }
}
