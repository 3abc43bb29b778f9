package dev.gantry.escalation;

import dev.gantry.circuit.Standing;
import dev.gantry.inference.LaneId;

import java.time.Instant;
import java.util.function.Function;

/** What the policy is told of the world: the time, and how each lane stands now. */
record Outlook(Instant now, Function<LaneId, Standing> standings) {
    Standing standing(LaneId lane) {
        return standings.apply(lane);
    }
}
