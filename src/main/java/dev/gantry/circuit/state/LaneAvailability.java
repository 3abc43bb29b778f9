package dev.gantry.circuit.state;

import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.StateLabel;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/** How a lane stands now, both its circuits together. */
public sealed interface LaneAvailability {
    /**
     * Calls may go out.
     *
     * @param epoch changes whenever a circuit of the lane has closed anew: slow start begins again
     */
    record Admitted(long epoch) implements LaneAvailability {}

    /**
     * No call may go out.
     *
     * @param until on the fleet's clock; null: until an operator resets it
     */
    record Benched(@Nullable Instant until, @Nullable ErrorKind kind, String reason)
            implements LaneAvailability {}

    /**
     * The cooldown is over: one leased probe may pass, fleet-wide, and nobody else.
     *
     * @param since on the fleet's clock
     */
    record HalfOpen(Instant since, @Nullable ErrorKind kind, String reason)
            implements LaneAvailability {}

    /** The word for it; a lane that is gone is as good as denied. */
    default StateLabel label() {
        return switch (this) {
            case Admitted _ -> StateLabel.CLOSED;
            case HalfOpen _ -> StateLabel.HALF_OPEN;
            case Benched(Instant until, _, _) ->
                    until == null ? StateLabel.DENIED : StateLabel.OPEN;
            case Gone _ -> StateLabel.DENIED;
        };
    }

    /** The catalogue no longer has it: no call may go out, and no wait will help. */
    record Gone() implements LaneAvailability {}
}
