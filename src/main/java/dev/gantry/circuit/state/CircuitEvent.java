package dev.gantry.circuit.state;

import dev.gantry.inference.CircuitCause;

import java.time.Duration;
import java.time.Instant;

/** Something that may move a circuit; a value, so that it can be applied anew after a lost race. */
public sealed interface CircuitEvent {
    /** On the fleet's clock. */
    Instant at();

    /**
     * Failures that count together with the successes before them.
     *
     * @param began the earliest of the failed calls
     * @param trip of the last of them
     */
    record Counted(Instant at, Instant began, FailureWindow.Batch batch, TripFailure trip)
            implements CircuitEvent {}

    /**
     * The same, told to the fleet: enough of them make the circuit suspect, and everybody is asked.
     *
     * @param own whether they have opened the worker's own circuit, which is enough
     */
    record Suspected(
            Instant at, Instant began, FailureWindow.Batch batch, TripFailure trip, boolean own)
            implements CircuitEvent {}

    /**
     * The workers have answered.
     *
     * @param asked which suspicion they were asked about
     * @param trip what opens it if they convict
     */
    record Judged(Instant at, Instant asked, Quorum quorum, TripFailure trip)
            implements CircuitEvent {}

    /** It turned out that one request was to blame for what it opened then. */
    record Undone(Instant at, Instant opened) implements CircuitEvent {}

    /** The fleet has taken the matter over: what a worker's own circuit held back is over. */
    record Absorbed(Instant at) implements CircuitEvent {}

    /** A worker would use the probe that another one holds. */
    record Wanted(Instant at) implements CircuitEvent {}

    /** A failure that benches by itself. */
    record Tripped(Instant at, Instant began, TripFailure trip) implements CircuitEvent {}

    /** A worker wants to probe. */
    record Claimed(Instant at, Lease lease) implements CircuitEvent {}

    /** The probe succeeded. */
    record Proved(Instant at, Lease lease) implements CircuitEvent {}

    /** The probe failed. */
    record Disproved(Instant at, Lease lease, TripFailure trip) implements CircuitEvent {}

    /** The probe lies ready still: its owner keeps it. */
    record Renewed(Instant at, Lease lease, Lease next) implements CircuitEvent {}

    /** The probe said nothing. */
    record Released(Instant at, Lease lease) implements CircuitEvent {}

    /** A circuit that ends by time has done so: put on record what holds anyway. */
    record Expired(Instant at) implements CircuitEvent {}

    /** An operator's word. */
    sealed interface Order extends CircuitEvent {}

    /** An operator opens it. */
    record Opened(Instant at, Duration time, CircuitCause cause) implements Order {}

    /** An operator denies it. */
    record Forbidden(Instant at, CircuitCause cause) implements Order {}

    /** An operator makes it as new. */
    record Reset(Instant at, CircuitCause cause) implements Order {}

    /**
     * What became of it here while the table was out of reach.
     *
     * @param base the table's row that it grew from
     */
    record Merged(Instant at, Circuit base, Circuit local) implements CircuitEvent {}
}
