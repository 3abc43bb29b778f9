package dev.gantry.escalation;

import dev.gantry.circuit.Trouble;
import dev.gantry.inference.Attempt;
import dev.gantry.routing.Lane;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/**
 * One ended attempt and what follows from it.
 *
 * @param trouble what it says against the lane's health; null: nothing
 * @param inPlace whether it was the retry of the call before, on the same lane
 * @param epoch of the lane's circuits when it was called
 */
record Step(
        Lane lane,
        Attempt attempt,
        Remedy remedy,
        Charge charge,
        @Nullable Trouble trouble,
        boolean inPlace,
        long epoch) {
    Step bodiless() {
        return new Step(lane, attempt.bodiless(), remedy, charge, trouble, inPlace, epoch);
    }

    /** Whether a retry in place, if one follows, is what counts. */
    boolean judgedLater() {
        return remedy == Remedy.SAME_LANE && !inPlace;
    }

    Instant endedAt() {
        return attempt.dispatch().startedAt().plus(attempt.took());
    }
}
