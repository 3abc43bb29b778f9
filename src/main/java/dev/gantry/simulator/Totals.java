package dev.gantry.simulator;

import java.util.Map;

/**
 * The ledger in sum.
 *
 * @param billed calls that are billed
 * @param tokens of the billed calls
 */
public record Totals(
        long calls,
        Map<Call.Disposition, Long> dispositions,
        Map<Integer, Long> statuses,
        long billed,
        BilledTokens tokens) {
    public Totals {
        dispositions = Map.copyOf(dispositions);
        statuses = Map.copyOf(statuses);
    }

    /** Calls that ended so. */
    public long count(Call.Disposition disposition) {
        return dispositions.getOrDefault(disposition, 0L);
    }
}
