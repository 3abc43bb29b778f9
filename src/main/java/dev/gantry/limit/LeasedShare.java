package dev.gantry.limit;

/**
 * What this worker may have of a scope, as long as the others count on it.
 *
 * @param share of what a minute brings, 0 to 1
 * @param calls of what may be under way at once
 * @param until nanoseconds of the worker's monotonic clock: unless it is renewed, only a quarter is
 *     this worker's then, and the others have the rest
 * @param rank of this worker among those who have a share, from 0
 * @param sharers how many they are, this one among them
 */
record LeasedShare(double share, int calls, long until, int rank, int sharers) {
    /** What a silent worker keeps. */
    static final double KEPT = 0.25;

    private static final long CALLS_KEPT = QuotaTable.SWEPT_AFTER.minus(QuotaTable.LEASE).toNanos();

    double shareAt(long now) {
        return now < until ? share : share * KEPT;
    }

    int callsAt(long now) {
        // Calls under way do not end with the lease: the others leave them alone until it is swept.
        return now < until + CALLS_KEPT ? calls : (int) Math.ceil(calls * KEPT);
    }
}
