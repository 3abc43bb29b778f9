package dev.gantry.traffic;

import dev.gantry.circuit.Probe;

import org.jspecify.annotations.Nullable;

/** Whether one lane takes one request now. */
sealed interface Turn {
    /**
     * It does.
     *
     * @param probe null: an ordinary call
     */
    record Go(@Nullable Probe probe) implements Turn {}

    /** It does not, for this reason. */
    record No(Why why) implements Turn {}

    Turn GO = new Go(null);
    Turn SLOTS = new No(Why.SLOTS);
    Turn MEMORY = new No(Why.MEMORY);

    Turn SHARE = new No(Why.SHARE);
    Turn PACE = new No(Why.PACE);
    Turn BENCHED = new No(Why.BENCHED);
}
