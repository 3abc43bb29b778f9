package dev.gantry.escalation;

import dev.gantry.circuit.state.LaneFailure;
import dev.gantry.circuit.state.Opening;
import dev.gantry.inference.Attempt;
import dev.gantry.routing.Lane;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/**
 * One ended attempt and what follows from it.
 *
 * @param failure what it says against the lane's health; null: nothing
 * @param inPlace whether it was the retry of the call before, on the same lane
 * @param epoch of the lane's circuits when it was called
 * @param began on the fleet's clock
 * @param opening what its failure has opened for the fleet; null: nothing
 */
record Step(
        Lane lane,
        Attempt attempt,
        Remedy remedy,
        Charge charge,
        @Nullable LaneFailure failure,
        boolean inPlace,
        long epoch,
        Instant began,
        @Nullable Opening opening) {
    Step bodiless() {
        return new Step(
                lane, attempt.bodiless(), remedy, charge, failure, inPlace, epoch, began, opening);
    }

    Step opened(@Nullable Opening what) {
        return new Step(lane, attempt, remedy, charge, failure, inPlace, epoch, began, what);
    }

    /** Whether a retry in place, if one follows, is what counts. */
    boolean judgedLater() {
        return remedy == Remedy.SAME_LANE && !inPlace;
    }

    Instant endedAt() {
        return attempt.dispatch().startedAt().plus(attempt.took());
    }
}
