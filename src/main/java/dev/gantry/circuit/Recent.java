package dev.gantry.circuit;

import java.time.Duration;
import java.time.Instant;

/** What this worker has lately seen of one lane; asked for by suspicions. Without locks. */
final class Recent {
    private static final int SLOTS = 60;

    /** Refusals that follow each other within so long are of one cause. */
    private static final Duration REFUSING = Duration.ofSeconds(4);

    private static final int REFUSING_SLOTS = 8;

    private final long slotNanos;
    private final Calls calls;
    private final Calls failures;
    private final Calls unknowns;
    private final Calls denials;
    private final Calls refusals = new Calls(REFUSING, REFUSING_SLOTS);

    Recent(Duration window) {
        this.slotNanos = Math.max(1, window.toNanos() / SLOTS);
        this.calls = new Calls(window, SLOTS);
        this.failures = new Calls(window, SLOTS);
        this.unknowns = new Calls(window, SLOTS);
        this.denials = new Calls(window, SLOTS);
    }

    void called(long nanos) {
        calls.add(nanos);
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
        return refused >= threshold && 2 * refused > calls.since(from, nanos);
    }

    /**
     * Since the failures began: their calls may have begun a moment before the first was known.
     *
     * @param closed since when the circuit lets calls through
     */
    Witness witness(String worker, Instant began, Instant closed, long nanos) {
        long from = from(began, closed);
        return new Witness(
                worker,
                calls.since(from, nanos),
                failures.since(from, nanos),
                unknowns.since(from, nanos));
    }

    /** Of the key: whoever else calls with it is not refused. */
    Witness keyWitness(String worker, Instant began, Instant closed, long nanos) {
        long from = from(began, closed);
        return new Witness(worker, calls.since(from, nanos), denials.since(from, nanos), 0);
    }

    private long from(Instant began, Instant closed) {
        return Math.max(FleetClock.nanos(began) - slotNanos, FleetClock.nanos(closed));
    }
}
