package dev.gantry.cli.result;

import dev.gantry.cli.Durations;
import dev.gantry.cli.result.ResultLine.Tokens;
import dev.gantry.cli.result.ResultLine.Try;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/** Adds up a batch's results as they come. */
public final class BatchTotals {
    private final Map<String, Long> outcomes = new TreeMap<>();
    private final Map<String, Long> errorCodes = new TreeMap<>();
    private final Map<String, Map<String, Long>> attempts = new TreeMap<>();
    private final Durations took = new Durations();
    private final Durations queued = new Durations();
    private Tokens tokens = Tokens.NONE;
    private BigDecimal cost = BigDecimal.ZERO;
    private long unknownCosts;
    private long succeeded;
    private long failed;
    private long unnamed;
    private @Nullable Instant first;
    private @Nullable Instant last;

    void add(ResultLine result) {
        if (result.succeeded()) {
            succeeded++;
        } else {
            failed++;
        }
        outcomes.merge(result.outcome(), 1L, Long::sum);
        if (result.errorCode() != null) {
            errorCodes.merge(result.errorCode(), 1L, Long::sum);
        } else if (result.status() != null && !result.succeeded()) {
            errorCodes.merge("status " + result.status(), 1L, Long::sum);
        }
        for (Try each : result.attempts()) {
            attempts.computeIfAbsent(each.lane(), _ -> new TreeMap<>())
                    .merge(each.verdict(), each.count(), Long::sum);
        }
        tokens = tokens.plus(result.tokens());
        addCost(result);
        if (result.tookMs() != null) {
            took.add(result.tookMs());
        }
        if (result.queuedMs() != null) {
            queued.add(result.queuedMs());
        }
    }

    /** A line that never reached the topic. */
    void addUnsent() {
        addUnanswered(UnansweredLine.NOT_SENT);
    }

    /** A request that is known by no id. */
    void addUnnamed() {
        unnamed++;
        addUnanswered(UnansweredLine.UNNAMED);
    }

    private void addUnanswered(String outcome) {
        failed++;
        outcomes.merge(outcome, 1L, Long::sum);
    }

    long unnamed() {
        return unnamed;
    }

    /** Something of this batch happened then. */
    public void happened(Instant time) {
        first = first == null || time.isBefore(first) ? time : first;
        last = last == null || time.isAfter(last) ? time : last;
    }

    long succeeded() {
        return succeeded;
    }

    long failed() {
        return failed;
    }

    Summary.Work work() {
        return new Summary.Work(outcomes, errorCodes, attempts, tokens);
    }

    Summary.Cost cost(BatchMeter.@Nullable Sums meter) {
        return new Summary.Cost(cost, unknownCosts, meter);
    }

    Summary.Times times() {
        Duration elapsed =
                first == null || last == null ? Duration.ZERO : Duration.between(first, last);
        return new Summary.Times(
                elapsed,
                took.percentile(50).orElse(null),
                took.percentile(95).orElse(null),
                queued.percentile(50).orElse(null),
                queued.percentile(95).orElse(null));
    }

    /** Where the whole is not known, some of its attempts are: the others alone are left out. */
    private void addCost(ResultLine result) {
        if (result.cost() != null) {
            cost = cost.add(result.cost());
            return;
        }
        long unknown = 0;
        for (Try each : result.attempts()) {
            if (each.cost() == null) {
                unknown += each.count();
            } else {
                cost = cost.add(each.cost());
            }
        }
        // A long story lists its last attempts only: the one that is not known may not be there.
        unknownCosts += Math.max(unknown, 1);
    }
}
