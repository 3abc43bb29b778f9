package dev.gantry.circuit;

import java.time.Duration;
import java.time.Instant;

/** Something that may move a circuit; a value, so that it can be applied anew after a lost race. */
sealed interface Event {
    /** On the fleet's clock. */
    Instant at();

    /**
     * Failures that count together with the successes before them.
     *
     * @param began the earliest of the failed calls
     * @param setback of the last of them
     */
    record Counted(Instant at, Instant began, Tally.Batch batch, Setback setback)
            implements Event {}

    /** A failure that benches by itself. */
    record Tripped(Instant at, Instant began, Setback setback) implements Event {}

    /** A worker wants to probe. */
    record Claimed(Instant at, Lease lease) implements Event {}

    /** The probe succeeded. */
    record Proved(Instant at, Lease lease) implements Event {}

    /** The probe failed. */
    record Disproved(Instant at, Lease lease, Setback setback) implements Event {}

    /** The probe said nothing. */
    record Released(Instant at, Lease lease) implements Event {}

    /** A circuit that ends by time has done so: put on record what holds anyway. */
    record Expired(Instant at) implements Event {}

    /** An operator's word. */
    sealed interface Order extends Event {}

    /** An operator opens it. */
    record Opened(Instant at, Duration time, Cause cause) implements Order {}

    /** An operator denies it. */
    record Forbidden(Instant at, Cause cause) implements Order {}

    /** An operator makes it as new. */
    record Reset(Instant at, Cause cause) implements Order {}

    /**
     * What became of it here while the table was out of reach.
     *
     * @param base the table's row that it grew from
     */
    record Merged(Instant at, Circuit base, Circuit local) implements Event {}
}
