package dev.gantry.limit;

/**
 * What the table has of one worker's share of a scope.
 *
 * @param demand distinct requests that want the scope, smoothed
 * @param lacking whether it would have had more, and others had it
 * @param live whether it was renewed within the lease
 */
record ShareRow(
        String worker, double demand, double share, int calls, boolean lacking, boolean live) {
    /** What is this worker's for sure: of a silent one, what it goes on with. */
    double held() {
        return live ? share : share * LeasedShare.KEPT;
    }
}
