package dev.gantry.limit;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * What part of a scope is a worker's by right, out of the rows that all workers read. Whether it
 * can have it yet, the table decides.
 *
 * @param share 0 to 1
 * @param calls of what may be under way at once
 * @param rank among those who share, from 0
 */
record FairSplit(double share, int calls, int rank, int sharers) {
    /** Of an equal share: so much has whoever wants any, or it would never get to show demand. */
    static final double MINIMUM = 0.25;

    /** Two seconds between the calls of a worker. */
    private static final double SLOW_MINUTES = 2.0 / 60;

    /** Turns by it never repeat, and come to everybody in proportion. */
    private static final double GOLDEN = (Math.sqrt(5) - 1) / 2;

    /**
     * @param rows of the scope; this worker's own among them or not
     * @param demand of this worker; more than 0
     * @param limits of the scope
     * @param turn a number that all workers count up together: where there are fewer calls than
     *     workers, others have them each turn
     */
    static FairSplit of(
            Collection<ShareRow> rows, String me, double demand, ScopeLimits limits, long turn) {
        List<ShareRow> sharers =
                Stream.concat(
                                rows.stream().filter(row -> row.live() && !row.worker().equals(me)),
                                Stream.of(new ShareRow(me, demand, 0, 0, false, true)))
                        .sorted(Comparator.comparing(ShareRow::worker))
                        .toList();
        double free = 1;
        for (ShareRow row : rows) {
            free -= row.live() || row.worker().equals(me) ? 0 : row.held();
        }
        double wanted = sharers.stream().mapToDouble(ShareRow::demand).sum();
        boolean slow = slow(limits, sharers.size());
        double least = MINIMUM / sharers.size();
        double all = 0;
        double before = 0;
        double own = 0;
        int rank = 0;
        for (ShareRow row : sharers) {
            double part = slow ? 1 : Math.max(least, row.demand() / wanted);
            all += part;
            if (row.worker().equals(me)) {
                own = part;
            } else if (row.worker().compareTo(me) < 0) {
                before += part;
                rank++;
            }
        }
        double given = Math.max(0, free);
        Integer callLimit = limits.calls();
        int calls =
                callLimit == null
                        ? 0
                        : calls(
                                before / all * callLimit * given,
                                own / all * callLimit * given,
                                turn);
        return new FairSplit(own / all * given, calls, rank, sharers.size());
    }

    /**
     * Whether calls of a worker are so far apart that demand, which changes with each, would draw
     * them together: then all have the same, and whoever has nothing to call drops out.
     */
    private static boolean slow(ScopeLimits limits, int sharers) {
        ScopeLimits.Known requests = limits.of(LimitDimension.REQUESTS_PER_MINUTE);
        return requests != null && sharers > requests.limit() * SLOW_MINUTES;
    }

    /**
     * The whole calls in a worker's part of a line on which those of all workers lie one behind the
     * other; the marks between calls move on with each turn.
     */
    private static int calls(double from, double length, long turn) {
        double shift = turn * GOLDEN % 1;
        return (int) (Math.floor(from + length + shift) - Math.floor(from + shift));
    }
}
