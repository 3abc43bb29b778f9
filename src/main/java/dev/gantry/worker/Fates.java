package dev.gantry.worker;

import dev.gantry.inference.Attempt;
import dev.gantry.inference.AttemptId;
import dev.gantry.inference.Conclusion;
import dev.gantry.inference.LaneId;
import dev.gantry.inference.MeterOutcome;
import dev.gantry.inference.Outcome;
import dev.gantry.inference.StateLabel;
import dev.gantry.metering.MeterReading;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;

/**
 * What became of the lanes that a request might have used, once it has ended.
 *
 * @param capped lanes that a cap has closed, and why
 */
record Fates(
        Conclusion conclusion, Map<AttemptId, MeterReading> readings, Map<LaneId, String> capped) {
    /**
     * As events write it.
     *
     * @param circuit of the lane when the route was chosen; null: not looked at
     */
    String of(LaneId lane, @Nullable StateLabel circuit) {
        if (conclusion.outcome() instanceof Outcome.Succeeded(Attempt answer)
                && answer.lane().equals(lane)) {
            return "selected";
        }
        for (Attempt attempt : conclusion.attempts().reversed()) {
            if (attempt.lane().equals(lane)) {
                return called(attempt);
            }
        }
        if (capped.containsKey(lane)) {
            return "skipped:" + capped.get(lane);
        }
        return circuit == null || circuit == StateLabel.CLOSED
                ? "skipped:not_tried"
                : "skipped:" + circuit.label();
    }

    private String called(Attempt attempt) {
        MeterReading reading = readings.get(attempt.id());
        if (reading != null && reading.outcome() == MeterOutcome.RACE_LOST) {
            return "race_lost";
        }
        return attempt.error() == null ? "unselected" : "failed:" + attempt.error().kind().label();
    }

    /** The lane that was called first; null: none was. */
    @Nullable LaneId chosen() {
        List<Attempt> attempts = conclusion.attempts();
        return attempts.isEmpty() ? null : attempts.getFirst().lane();
    }
}
