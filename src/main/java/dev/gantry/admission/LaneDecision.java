package dev.gantry.admission;

import dev.gantry.circuit.Probe;

/** Whether one lane takes one request now. */
sealed interface LaneDecision {
    /** It takes an ordinary call. */
    record Go() implements LaneDecision {}

    /** It takes the probe. */
    record GoProbe(Probe probe) implements LaneDecision {}

    /** It does not, for this reason. */
    record No(WaitReason reason) implements LaneDecision {}

    LaneDecision GO = new Go();
    LaneDecision SLOTS = new No(WaitReason.SLOTS);
    LaneDecision MEMORY = new No(WaitReason.MEMORY);

    LaneDecision SHARE = new No(WaitReason.SHARE);
    LaneDecision PACE = new No(WaitReason.PACE);
    LaneDecision LIMIT = new No(WaitReason.LIMIT);
    LaneDecision BENCHED = new No(WaitReason.BENCHED);
}
