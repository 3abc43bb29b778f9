package dev.gantry.circuit.state;

import java.time.Instant;
import java.util.Collection;
import java.util.List;

/**
 * What an operator did.
 *
 * @param id the same however often it is told
 * @param at on the fleet's clock
 * @param moves the transitions that followed; none if nothing had to move
 */
public record OperatorAct(String id, Instant at, OperatorAction action, List<Transition> moves) {
    public OperatorAct {
        moves = List.copyOf(moves);
    }

    /** The part that came about. */
    public OperatorAct within(Collection<CircuitKey> won) {
        List<Transition> mine = moves.stream().filter(move -> won.contains(move.key())).toList();
        return new OperatorAct(id, at, action, mine);
    }
}
