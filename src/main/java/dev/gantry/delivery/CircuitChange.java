package dev.gantry.delivery;

import dev.gantry.inference.ErrorKind;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.Locale;

/**
 * A circuit's move, for the routing topic; from open to open where its time changed.
 *
 * @param target {@code provider:instance} or {@code provider:instance:type:model}
 * @param until of an open circuit; null: none, or it has no end
 * @param kind of the failure behind it; null: no failure, an operator or time
 * @param actor the worker or operator who moved it
 */
public record CircuitChange(
        String target,
        State from,
        State to,
        Instant at,
        @Nullable Instant until,
        @Nullable ErrorKind kind,
        String reason,
        String actor) {
    static final String TYPE = "dev.gantry.routing.circuit.v1";

    /** What a circuit does with calls. */
    public enum State {
        CLOSED,
        OPEN,
        HALF_OPEN,
        DENIED;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The same move has the same id, whoever tells of it. */
    String id() {
        return "%s/%s/%s-%s".formatted(target, Rfc3339.of(at), from.label(), to.label());
    }

    /** The move in one word. */
    String change() {
        return to == State.OPEN ? "opened" : to.label();
    }
}
