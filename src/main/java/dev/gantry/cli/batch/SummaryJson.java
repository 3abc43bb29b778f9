package dev.gantry.cli.batch;

import dev.gantry.cli.result.BatchMeter;
import dev.gantry.cli.result.BatchProof;
import dev.gantry.cli.result.Summary;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;

/** The summary as one JSON object on one line. */
final class SummaryJson {
    /** Statuses of attempts that stand for themselves. */
    private static final Set<String> ENDS =
            Set.of("succeeded", "failed", "skipped", "race_lost", "cancelled", "unknown");

    private SummaryJson() {}

    static String of(Summary summary) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("batch_id", summary.batch().value());
        root.put("complete", summary.resume() == null);
        root.put("requests", summary.requests());
        root.put("succeeded", summary.succeeded());
        root.put("failed", summary.failed());
        addWork(root, summary.work());
        root.put("cost_usd", summary.cost().usd().toPlainString());
        root.put("cost_unknown", summary.cost().unknown());
        addMeter(root, summary.cost().meter());
        addTimes(root, summary.times());
        root.put("per_second", Math.round(summary.rate() * 10) / 10.0);
        root.putObject("files")
                .put("out", summary.files().results().out().toString())
                .put("errors", summary.files().results().errors().toString());
        Path receipt = summary.files().receipt();
        root.put("receipt", receipt == null ? null : receipt.toString());
        addIds(root, summary.ids());
        root.put("resume", summary.resume());
        return root.toString();
    }

    private static void addMeter(ObjectNode root, BatchMeter.@Nullable Sums meter) {
        if (meter == null) {
            root.putNull("meter");
            return;
        }
        root.putObject("meter")
                .put("cost_usd", meter.usd().toPlainString())
                .put("no_price", meter.noPrice())
                .put("in_doubt", meter.inDoubt())
                .put("in_doubt_usd_at_most", meter.atMost().toPlainString())
                .put("in_doubt_unbounded", meter.unbounded());
    }

    private static void addIds(ObjectNode root, Summary.Ids ids) {
        root.put("claimed", ids.proof() == BatchProof.CLAIM)
                .put("doubles", ids.doubles())
                .put("others", ids.others())
                .put("missing", ids.missing());
    }

    private static void addWork(ObjectNode root, Summary.Work work) {
        ObjectNode outcomes = root.putObject("outcomes");
        work.outcomes().forEach(outcomes::put);
        ObjectNode failures = root.putObject("failures");
        work.failures().forEach(failures::put);
        ArrayNode attempts = root.putArray("attempts");
        work.attempts()
                .forEach(
                        (lane, ends) ->
                                ends.forEach((end, count) -> addEnd(attempts, lane, end, count)));
        root.putObject("tokens")
                .put("prompt", work.tokens().prompt())
                .put("completion", work.tokens().completion())
                .put("cached", work.tokens().cached())
                .put("reasoning", work.tokens().reasoning());
    }

    /** As results have it: a status, and of failures the error's kind. */
    private static void addEnd(ArrayNode attempts, String lane, String end, long count) {
        boolean failed = !ENDS.contains(end);
        ObjectNode row = attempts.addObject().put("lane", lane);
        row.put("status", failed ? "failed" : end);
        if (failed) {
            row.put("kind", end);
        }
        row.put("count", count);
    }

    private static void addTimes(ObjectNode root, Summary.Times times) {
        root.put("elapsed_ms", times.elapsed().toMillis());
        root.putObject("took_ms")
                .put("p50", millis(times.tookP50()))
                .put("p95", millis(times.tookP95()));
        root.putObject("queued_ms")
                .put("p50", millis(times.queuedP50()))
                .put("p95", millis(times.queuedP95()));
    }

    private static @Nullable Long millis(@Nullable Duration duration) {
        return duration == null ? null : (Long) duration.toMillis();
    }
}
