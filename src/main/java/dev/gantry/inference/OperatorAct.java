package dev.gantry.inference;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;

/**
 * What an operator did.
 *
 * @param id the same however often it is told
 * @param at on the fleet's clock
 * @param target circuits as the operator wrote them, or a record of the spool
 * @param action open, deny, reset or drop
 * @param time for which a circuit was opened, else null
 * @param moves the transitions that followed; none if nothing had to move
 */
public record OperatorAct(
        String id,
        Instant at,
        String actor,
        String target,
        String action,
        @Nullable Duration time,
        String reason,
        List<CircuitTransition> moves) {
    public OperatorAct {
        moves = List.copyOf(moves);
    }

    /** The part that came about. */
    public OperatorAct within(Collection<CircuitKey> won) {
        List<CircuitTransition> mine =
                moves.stream().filter(move -> won.contains(move.key())).toList();
        return new OperatorAct(id, at, actor, target, action, time, reason, mine);
    }
}
