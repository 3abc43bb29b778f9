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

    /**
     * The same, told to the fleet: enough of them make the circuit suspect, and everybody is asked.
     *
     * @param own whether they have opened the worker's own circuit, which is enough
     */
    record Suspected(Instant at, Instant began, Tally.Batch batch, Setback setback, boolean own)
            implements Event {}

    /**
     * The workers have answered.
     *
     * @param asked which suspicion they were asked about
     * @param setback what opens it if they convict
     */
    record Judged(Instant at, Instant asked, Quorum quorum, Setback setback) implements Event {}

    /** It turned out that one request was to blame for what it opened then. */
    record Undone(Instant at, Instant opened) implements Event {}

    /** The fleet has taken the matter over: what a worker's own circuit held back is over. */
    record Absorbed(Instant at) implements Event {}

    /** A worker would use the probe that another one holds. */
    record Wanted(Instant at) implements Event {}

    /** A failure that benches by itself. */
    record Tripped(Instant at, Instant began, Setback setback) implements Event {}

    /** A worker wants to probe. */
    record Claimed(Instant at, Lease lease) implements Event {}

    /** The probe succeeded. */
    record Proved(Instant at, Lease lease) implements Event {}

    /** The probe failed. */
    record Disproved(Instant at, Lease lease, Setback setback) implements Event {}

    /** The probe lies ready still: its owner keeps it. */
    record Renewed(Instant at, Lease lease, Lease next) implements Event {}

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
