package dev.gantry.chaos;

import static java.util.stream.Collectors.groupingBy;

import dev.gantry.testbed.ConsumedRecord;

import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Every request has one result. */
final class ResultCount {
    private final Run run;
    private final LedgerComparison ledgerComparison;
    private final List<Finding> findings = new ArrayList<>();

    ResultCount(Run run, LedgerComparison ledgerComparison) {
        this.run = run;
        this.ledgerComparison = ledgerComparison;
    }

    List<Finding> findings() {
        Map<String, List<ConsumedRecord>> byRequest =
                run.results().stream()
                        .collect(
                                groupingBy(
                                        each -> each.at("/custom_id"),
                                        LinkedHashMap::new,
                                        Collectors.toList()));
        run.requests()
                .forEach(
                        (name, count) ->
                                counted(name, count, byRequest.getOrDefault(name, List.of())));
        byRequest.forEach(
                (name, results) -> {
                    if (!run.requests().containsKey(name)) {
                        find("a result of no request", name, results);
                    }
                });
        run.results().stream()
                .collect(groupingBy(ConsumedRecord::id))
                .values()
                .forEach(this::copies);
        run.results().forEach(this::attempts);
        return findings;
    }

    private void counted(String name, int requests, List<ConsumedRecord> results) {
        Set<String> ids = new HashSet<>();
        results.forEach(each -> ids.add(each.at("/id")));
        if (ids.size() != requests) {
            List<Object> evidence = new ArrayList<>(results);
            evidence.addAll(ledgerComparison.ofRequest(name));
            find("%d requests, %d results".formatted(requests, ids.size()), name, evidence);
        }
    }

    /**
     * Copies are the same byte for byte, but for a worker that was killed between its result and
     * its commit: nobody knew of that result.
     */
    private void copies(List<ConsumedRecord> results) {
        List<ConsumedRecord> different = new ArrayList<>();
        for (ConsumedRecord each : results) {
            if (different.stream().noneMatch(each::sameBytes)) {
                different.add(each);
            }
        }
        long bySurvivors = different.stream().filter(each -> !byKilled(each)).count();
        if (different.size() > 1 && bySurvivors > 1) {
            find("copies of a result differ", results.getFirst().id(), results);
        }
    }

    private boolean byKilled(ConsumedRecord result) {
        for (JsonNode attempt : result.json().at("/gantry/attempts")) {
            if (run.wasKilled(ledgerComparison.worker(attempt.path("attempt_id").asString("")))) {
                return true;
            }
        }
        return false;
    }

    private void attempts(ConsumedRecord result) {
        int selected = result.json().at("/gantry/selected").asInt(-1);
        for (JsonNode attempt : result.json().at("/gantry/attempts")) {
            String id = attempt.path("attempt_id").asString("");
            if (id.isEmpty()) {
                continue; // skipped, or folded: nothing was dispatched
            }
            if (!ledgerComparison.knows(id)) {
                find("the result lists an attempt that the meter lacks", id, List.of(result));
            } else if (attempt.path("index").asInt() == selected
                    && !ledgerComparison.selected(id)
                    // Its last word died with it: the attempt stays in doubt, which the bill
                    // bounds.
                    && !run.wasKilled(ledgerComparison.worker(id))) {
                find(
                        "the result rests on an attempt that the meter does not call selected",
                        id,
                        List.of(result, ledgerComparison.ofAttempt(id)));
            }
        }
    }

    private void find(String promise, String subject, List<?> evidence) {
        findings.add(new Finding(promise, subject, evidence));
    }
}
