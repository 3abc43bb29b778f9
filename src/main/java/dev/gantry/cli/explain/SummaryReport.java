package dev.gantry.cli.explain;

import dev.gantry.cli.Table;
import dev.gantry.cli.explain.FileSummary.Ending;
import dev.gantry.cli.explain.FileSummary.Share;

import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What explain has to say of a whole file, to people and to programs. */
final class SummaryReport {
    private static final String COSTS =
            "low: the input alone; projected: with all the output that is allowed; high: the most"
                    + " that the\nmeter states of such calls. The total's bounds are over all lanes"
                    + " of each route.";

    private SummaryReport() {}

    static String text(FileSummary summary) {
        StringBuilder text = new StringBuilder();
        text.append(
                String.format(
                        Locale.ROOT,
                        "requests: %,d (with a lane: %,d, ending without a call: %,d)%s%n",
                        summary.requests(),
                        summary.requests() - summary.ended(),
                        summary.ended(),
                        summary.unusableCount() == 0
                                ? ""
                                : String.format(
                                        Locale.ROOT,
                                        "; lines that no worker takes: %,d",
                                        summary.unusableCount())));
        if (!summary.lanes().isEmpty()) {
            text.append('\n').append(lanes(summary)).append('\n').append(models(summary));
            text.append(COSTS).append('\n');
        }
        if (!summary.endings().isEmpty()) {
            text.append("\nWithout a call:\n").append(endings(summary.endings()));
        }
        return text.toString().stripTrailing();
    }

    private static Table lanes(FileSummary summary) {
        Table table =
                new Table(
                        "lane",
                        "circuit",
                        "requests",
                        "tokens in",
                        "tokens out",
                        "USD low",
                        "projected",
                        "high");
        summary.lanes()
                .forEach(
                        (lane, share) ->
                                table.add(
                                        lane.value(),
                                        share.circuit,
                                        count(share.requests),
                                        count(share.inputTokens),
                                        output(share),
                                        share.cost.low(),
                                        share.cost.projected(),
                                        share.cost.high()));
        return table;
    }

    private static Table models(FileSummary summary) {
        Table table = new Table("model", "requests", "USD low", "projected", "high");
        summary.models()
                .forEach(
                        (model, share) ->
                                table.add(
                                        model,
                                        count(share.requests),
                                        share.cost.low(),
                                        share.cost.projected(),
                                        share.cost.high()));
        CostSum all = summary.cost();
        return table.add(
                "total",
                count(summary.requests() - summary.ended()),
                all.low(),
                all.projected(),
                all.high());
    }

    private static Table endings(List<Ending> endings) {
        Table table = new Table("code", "requests", "lines", "why");
        for (Ending each : endings) {
            table.add(each.code, count(each.requests), lines(each), each.message);
        }
        return table;
    }

    private static String lines(Ending ending) {
        String named =
                ending.firstLines.stream().map(String::valueOf).collect(Collectors.joining(", "));
        return ending.requests > ending.firstLines.size() ? named + ", …" : named;
    }

    private static String output(Share share) {
        String known = "at most " + count(share.outputTokens);
        return share.unlimited == 0 ? known : known + " + " + share.unlimited + " unknown";
    }

    private static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    static ObjectNode json(FileSummary summary) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("requests", summary.requests())
                .put("ended", summary.ended())
                .put("unusable", summary.unusableCount());
        summary.cost().json(root);
        ArrayNode lanes = root.putArray("lanes");
        summary.lanes()
                .forEach(
                        (lane, share) ->
                                share(
                                        lanes.addObject()
                                                .put("lane", lane.value())
                                                .put("circuit", share.circuit),
                                        share));
        ArrayNode models = root.putArray("models");
        summary.models()
                .forEach((model, share) -> share(models.addObject().put("model", model), share));
        endings(root.putArray("endings"), summary.endings());
        ArrayNode unusable = root.putArray("first_unusable");
        summary.unusable()
                .forEach((line, why) -> unusable.addObject().put("line", line).put("reason", why));
        return root;
    }

    private static void endings(ArrayNode rows, List<Ending> endings) {
        for (Ending each : endings) {
            ObjectNode row = rows.addObject();
            row.put("code", each.code).put("message", each.message).put("requests", each.requests);
            ArrayNode lines = row.putArray("first_lines");
            each.firstLines.forEach(lines::add);
        }
    }

    private static void share(ObjectNode row, Share share) {
        row.put("requests", share.requests)
                .put("input_tokens", share.inputTokens)
                .put("output_tokens_at_most", share.outputTokens)
                .put("output_unlimited", share.unlimited);
        share.cost.json(row);
    }
}
