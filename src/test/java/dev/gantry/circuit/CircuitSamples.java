package dev.gantry.circuit;

import static dev.gantry.circuit.Samples.LANE_KEY;
import static dev.gantry.circuit.Samples.second;
import static dev.gantry.circuit.Samples.setback;

import dev.gantry.inference.ErrorKind;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/** A circuit in every state, at one moment; the events that most tests need. */
final class CircuitSamples {
    static final Instant NOW = second(1000);
    static final Lease OURS = new Lease("w-1", second(996), second(1071));
    static final Lease LAPSED = new Lease("w-2", second(900), second(999));
    static final Lease FOREIGN = new Lease("w-3", second(997), second(1072));

    private CircuitSamples() {}

    static Circuit closed(int trips) {
        return in(new Phase.Closed(second(900)), trips);
    }

    static Circuit in(Phase phase, int trips) {
        Cause cause = new Cause(ErrorKind.SERVER, "down", "w-1");
        return new Circuit(LANE_KEY, phase, trips, cause, Tally.NONE, 1);
    }

    static Circuit circuit(String state) {
        return in(phase(state), 1);
    }

    static Phase phase(String state) {
        return switch (state) {
            case "closed" -> new Phase.Closed(second(900));
            case "open" -> open(990, 1010, Phase.End.PROBE);
            case "due" -> open(900, 995, Phase.End.PROBE);
            case "waiting" -> open(990, 1010, Phase.End.TIME);
            case "over" -> open(900, 995, Phase.End.TIME);
            case "probed" -> half(OURS);
            case "free" -> half(null);
            case "lapsed" -> half(LAPSED);
            case "denied" -> new Phase.Denied(second(900));
            default -> throw new IllegalArgumentException(state);
        };
    }

    static Phase open(int since, int until, Phase.End end) {
        return new Phase.Open(second(since), second(until), end);
    }

    static Phase half(@Nullable Lease lease) {
        return new Phase.HalfOpen(second(995), lease);
    }

    static Event failures(Instant at, int failures) {
        return new Event.Counted(
                at, at, new Tally.Batch(0, failures, 0), setback(ErrorKind.SERVER, null));
    }

    static Event hit(Instant at, ErrorKind kind) {
        return new Event.Tripped(at, at, setback(kind, null));
    }
}
