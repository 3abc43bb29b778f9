package dev.gantry.chaos;

import dev.gantry.simulator.Call;
import dev.gantry.testbed.ConsumedRecord;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What is left when all faults are over.
 *
 * @param requests how many records there are of each custom_id
 * @param calls the provider's ledger
 * @param killed names of workers that were killed
 */
record Run(
        Map<String, Integer> requests,
        List<ConsumedRecord> results,
        List<ConsumedRecord> meters,
        List<ConsumedRecord> audits,
        List<Call> calls,
        Set<String> killed) {
    /** Whether it was killed; its id is its name and more. */
    boolean wasKilled(String worker) {
        return killed.stream().anyMatch(name -> worker.startsWith(name + "-"));
    }

    /** The same with what was heard since. */
    Run with(List<ConsumedRecord> newMeters, List<ConsumedRecord> newAudits) {
        return new Run(requests, results, newMeters, newAudits, calls, killed);
    }

    /** All that is wrong. */
    List<Finding> findings() {
        LedgerComparison ledgerComparison = LedgerComparison.of(this);
        return Stream.concat(
                        new ResultCount(this, ledgerComparison).findings().stream(),
                        ledgerComparison.findings().stream())
                .toList();
    }
}
