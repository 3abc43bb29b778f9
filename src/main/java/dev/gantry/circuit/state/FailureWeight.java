package dev.gantry.circuit.state;

import dev.gantry.circuit.state.LaneFailure.Proof;
import dev.gantry.inference.FailureRule;

/** What one failure of a kind means to a circuit. */
public enum FailureWeight {
    /** The request's fault, or ours. */
    NOTHING,
    /** One of several. */
    COUNTED,
    /** Slows down; benches where there is little else. */
    PACE,
    /** Benches here, and makes the fleet look. */
    SUSPECTED,
    /** Benches by itself. */
    ONE_HIT;

    public static FailureWeight of(LaneFailure failure) {
        return switch (failure.kind().rule().weight()) {
            case NEVER -> NOTHING;
            case COUNTED -> COUNTED;
            case AS_STATED -> failure.retryAfter() == null ? PACE : ONE_HIT;
            case AT_ONCE -> failure.proof() == Proof.FACT ? ONE_HIT : unproven(failure);
        };
    }

    /** A credential that is refused to one worker may be refused to all: they look. */
    private static FailureWeight unproven(LaneFailure failure) {
        boolean credential = failure.kind().rule().cools() == FailureRule.Cools.ENDPOINT;
        return credential && failure.reach() != LaneFailure.Reach.LANE ? SUSPECTED : COUNTED;
    }
}
