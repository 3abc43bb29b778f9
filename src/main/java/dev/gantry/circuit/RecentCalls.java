package dev.gantry.circuit;

import dev.gantry.circuit.state.FleetClock;
import dev.gantry.circuit.state.WorkerEvidence;

import java.time.Duration;
import java.time.Instant;

/** What this worker has lately seen of one lane; asked for by suspicions. Without locks. */
final class RecentCalls {
    private static final int SLOTS = 60;

    /** Refusals that follow each other within so long are of one cause. */
    private static final Duration REFUSING = Duration.ofSeconds(4);

    private static final int REFUSING_SLOTS = 8;

    private final long slotNanos;
    private final CallRing callRing;
    private final CallRing failures;
    private final CallRing unknowns;
    private final CallRing denials;
    private final CallRing refusals = new CallRing(REFUSING, REFUSING_SLOTS);

    RecentCalls(Duration window) {
        this.slotNanos = Math.max(1, window.toNanos() / SLOTS);
        this.callRing = new CallRing(window, SLOTS);
        this.failures = new CallRing(window, SLOTS);
        this.unknowns = new CallRing(window, SLOTS);
        this.denials = new CallRing(window, SLOTS);
    }

    void called(long nanos) {
        callRing.add(nanos);
    }

    void uncalled(long nanos) {
        callRing.remove(nanos);
    }

    void failed(long nanos) {
        failures.add(nanos);
    }

    void failedUnknown(long nanos) {
        unknowns.add(nanos);
    }

    /** The key was refused. */
    void denied(long nanos) {
        denials.add(nanos);
    }

    /**
     * Refused for its pace.
     *
     * @param threshold so many at least, and half of the calls that have begun, are no single ones
     * @return whether refusals dominate the last seconds
     */
    boolean refused(long nanos, int threshold) {
        refusals.add(nanos);
        long from = nanos - REFUSING.toNanos();
        int refused = refusals.since(from, nanos);
        return refused >= threshold && 2 * refused > callRing.since(from, nanos);
    }

    /**
     * Since the failures began: their calls may have begun a moment before the first was known.
     *
     * @param closed since when the circuit lets calls through
     */
    WorkerEvidence evidence(String worker, Instant began, Instant closed, long nanos) {
        long from = from(began, closed);
        return new WorkerEvidence(
                worker,
                callRing.since(from, nanos),
                failures.since(from, nanos),
                unknowns.since(from, nanos));
    }

    /** Of the key: whoever else calls with it is not refused. */
    WorkerEvidence keyWitness(String worker, Instant began, Instant closed, long nanos) {
        long from = from(began, closed);
        return new WorkerEvidence(
                worker, callRing.since(from, nanos), denials.since(from, nanos), 0);
    }

    private long from(Instant began, Instant closed) {
        return Math.max(FleetClock.nanos(began) - slotNanos, FleetClock.nanos(closed));
    }
}
