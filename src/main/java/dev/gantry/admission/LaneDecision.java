package dev.gantry.admission;

import dev.gantry.circuit.Probe;

import org.jspecify.annotations.Nullable;

/** Whether one lane takes one request now. */
sealed interface LaneDecision {
    /**
     * It does.
     *
     * @param probe null: an ordinary call
     */
    record Go(@Nullable Probe probe) implements LaneDecision {}

    /** It does not, for this reason. */
    record No(WaitReason reason) implements LaneDecision {}

    LaneDecision GO = new Go(null);
    LaneDecision SLOTS = new No(WaitReason.SLOTS);
    LaneDecision MEMORY = new No(WaitReason.MEMORY);

    LaneDecision SHARE = new No(WaitReason.SHARE);
    LaneDecision PACE = new No(WaitReason.PACE);
    LaneDecision BENCHED = new No(WaitReason.BENCHED);
}
