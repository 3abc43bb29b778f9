package dev.gantry.cli.batch;

import dev.gantry.cli.result.BatchProof;
import dev.gantry.cli.result.Summary;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.nio.file.Path;
import java.time.Duration;

/** The summary as one JSON object on one line. */
final class SummaryJson {
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
                        (lane, verdicts) ->
                                verdicts.forEach(
                                        (verdict, count) ->
                                                attempts.addObject()
                                                        .put("lane", lane)
                                                        .put("verdict", verdict)
                                                        .put("count", count)));
        root.putObject("tokens")
                .put("prompt", work.tokens().prompt())
                .put("completion", work.tokens().completion())
                .put("cached", work.tokens().cached())
                .put("reasoning", work.tokens().reasoning());
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
