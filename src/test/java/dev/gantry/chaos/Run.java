package dev.gantry.chaos;

import dev.gantry.simulator.Call;

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
        List<Word> results,
        List<Word> meters,
        List<Word> audits,
        List<Call> calls,
        Set<String> killed) {
    /** Whether it was killed; its id is its name and more. */
    boolean wasKilled(String worker) {
        return killed.stream().anyMatch(name -> worker.startsWith(name + "-"));
    }

    /** The same with what was heard since. */
    Run with(List<Word> newMeters, List<Word> newAudits) {
        return new Run(requests, results, newMeters, newAudits, calls, killed);
    }

    /** All that is wrong. */
    List<Finding> findings() {
        Bill bill = Bill.of(this);
        return Stream.concat(
                        new ResultCount(this, bill).findings().stream(), bill.findings().stream())
                .toList();
    }
}
