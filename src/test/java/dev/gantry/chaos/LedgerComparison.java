package dev.gantry.chaos;

import static java.util.stream.Collectors.groupingBy;

import dev.gantry.simulator.Call;
import dev.gantry.testbed.ConsumedRecord;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The meter, merged as finance would, held against the provider's ledger. */
final class LedgerComparison {
    private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);
    private static final BigDecimal INPUT_PRICE = new BigDecimal("0.25");
    private static final BigDecimal OUTPUT_PRICE = new BigDecimal("2.00");

    private final Run run;
    private final Map<String, List<ConsumedRecord>> meters;

    /** By attempt, that with the greatest version. */
    private final Map<String, ConsumedRecord> last = new HashMap<>();

    private final Map<String, List<Call>> calls = new HashMap<>();
    private final List<Finding> findings = new ArrayList<>();

    private LedgerComparison(Run run) {
        this.run = run;
        this.meters =
                run.meters().stream()
                        .collect(
                                groupingBy(
                                        each -> each.at("/attempt_id"),
                                        LinkedHashMap::new,
                                        Collectors.toList()));
        meters.forEach((id, words) -> last.put(id, latest(words)));
        for (Call each : run.calls()) {
            calls.computeIfAbsent(String.valueOf(each.attemptId()), _ -> new ArrayList<>())
                    .add(each);
        }
    }

    static LedgerComparison of(Run run) {
        return new LedgerComparison(run);
    }

    private static ConsumedRecord latest(List<ConsumedRecord> words) {
        ConsumedRecord latest = words.getFirst();
        for (ConsumedRecord each : words) {
            latest = version(each) > version(latest) ? each : latest;
        }
        return latest;
    }

    private static long version(ConsumedRecord meter) {
        return meter.json().path("version").asLong();
    }

    boolean knows(String attempt) {
        return last.containsKey(attempt);
    }

    boolean selected(String attempt) {
        ConsumedRecord meter = last.get(attempt);
        return meter != null && meter.json().path("selected").asBoolean(false);
    }

    /** Empty: the meter does not know. */
    String worker(String attempt) {
        ConsumedRecord meter = last.get(attempt);
        return meter == null ? "" : meter.at("/worker");
    }

    /** All that is known of an attempt: its records and its calls. */
    List<Object> ofAttempt(String attempt) {
        List<Object> all = new ArrayList<>(meters.getOrDefault(attempt, List.of()));
        all.addAll(calls.getOrDefault(attempt, List.of()));
        return all;
    }

    List<Object> ofRequest(String customId) {
        List<Object> all = new ArrayList<>();
        last.forEach(
                (attempt, consumedRecord) -> {
                    if (consumedRecord.at("/custom_id").equals(customId)) {
                        all.addAll(ofAttempt(attempt));
                    }
                });
        return all;
    }

    List<Finding> findings() {
        copies(run.meters());
        copies(run.audits());
        calls.forEach(this::billed);
        Set<String> audited = new HashSet<>();
        run.audits().forEach(each -> audited.add(each.at("/attempt_id")));
        last.forEach((id, meter) -> metered(id, meter, audited.contains(id)));
        return findings;
    }

    private void copies(List<ConsumedRecord> words) {
        Map<String, ConsumedRecord> first = new HashMap<>();
        for (ConsumedRecord each : words) {
            ConsumedRecord known = first.putIfAbsent(each.id(), each);
            if (known != null && !known.sameBytes(each)) {
                find("two records with one ce_id differ", each.id(), List.of(known, each));
            }
        }
    }

    private void metered(String attempt, ConsumedRecord meter, boolean audited) {
        boolean dispatched = meter.at("/evidence").equals("dispatched");
        if (dispatched && !run.wasKilled(meter.at("/worker"))) {
            find("the last word is dispatched, though its worker lived", attempt);
        }
        // Meter and audit travel in batches of their own: a kill may fall between them.
        if (!dispatched && !audited && !run.wasKilled(meter.at("/worker"))) {
            find("ended without an audit", attempt);
        }
        if (meter.at("/cost/state").equals("final") && !calls.containsKey(attempt)) {
            find("has a price, though the provider never saw it", attempt);
        }
    }

    /** Differences only where the cost is unknown or estimated, within its bound. */
    private void billed(String attempt, List<Call> calls) {
        ConsumedRecord meter = last.get(attempt);
        if (meter == null) {
            find("the provider was called and the meter does not know", attempt);
            return;
        }
        BigDecimal cost =
                calls.stream().map(LedgerComparison::cost).reduce(BigDecimal.ZERO, BigDecimal::add);
        switch (meter.at("/cost/state")) {
            case "final" -> exact(attempt, meter, calls, cost);
            case "not_billable" -> {
                if (calls.stream().anyMatch(Call::billed)) {
                    find("billed, and metered as not billable", attempt);
                }
            }
            case "estimated", "unknown" -> {
                if (cost.compareTo(new BigDecimal(meter.at("/cost/upper_bound"))) > 0) {
                    find("billed above its upper bound", attempt);
                }
            }
            default -> find("has no cost state", attempt);
        }
    }

    private void exact(String attempt, ConsumedRecord meter, List<Call> calls, BigDecimal cost) {
        long input = calls.stream().mapToLong(each -> each.tokens().input()).sum();
        long output = calls.stream().mapToLong(each -> each.tokens().output()).sum();
        if (meter.json().at("/usage/input_tokens").asLong(-1) != input
                || meter.json().at("/usage/output_tokens").asLong(-1) != output) {
            find("metered other tokens than billed", attempt);
        } else if (new BigDecimal(meter.at("/cost/amount")).compareTo(cost) != 0) {
            find("metered another amount than billed: " + cost, attempt);
        }
    }

    private static BigDecimal cost(Call call) {
        if (!call.billed()) {
            return BigDecimal.ZERO;
        }
        return INPUT_PRICE
                .multiply(BigDecimal.valueOf(call.tokens().input()))
                .add(OUTPUT_PRICE.multiply(BigDecimal.valueOf(call.tokens().output())))
                .divide(MILLION);
    }

    /** The attempts whose end nobody knows. */
    List<ConsumedRecord> inDoubt() {
        return last.values().stream()
                .filter(each -> each.at("/evidence").equals("dispatched"))
                .toList();
    }

    /** Of one request, by whom ever it was executed. */
    Set<String> executions(String customId) {
        Set<String> executions = new HashSet<>();
        for (ConsumedRecord each : last.values()) {
            if (each.at("/custom_id").equals(customId)) {
                executions.add(each.at("/execution"));
            }
        }
        return executions;
    }

    /** What a worker that lived has begun, nobody else begins: without a death, once. */
    List<Finding> repeated() {
        Map<String, Set<String>> byLiving = new HashMap<>();
        for (ConsumedRecord each : last.values()) {
            if (!run.wasKilled(each.at("/worker"))) {
                byLiving.computeIfAbsent(each.at("/custom_id"), _ -> new HashSet<>())
                        .add(each.at("/execution"));
            }
        }
        return byLiving.entrySet().stream()
                .filter(each -> each.getValue().size() > 1)
                .map(
                        each ->
                                new Finding(
                                        "begun more than once by workers that lived",
                                        each.getKey(),
                                        ofRequest(each.getKey())))
                .toList();
    }

    private void find(String promise, String attempt) {
        find(promise, attempt, ofAttempt(attempt));
    }

    private void find(String promise, String subject, List<?> evidence) {
        findings.add(new Finding(promise, subject, evidence));
    }
}
