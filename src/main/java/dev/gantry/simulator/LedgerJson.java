package dev.gantry.simulator;

import dev.gantry.simulator.script.ScriptNode;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The ledger as JSON, for readers in other processes. */
final class LedgerJson {
    private static final JsonMapper JSON = JsonMapper.shared();

    private LedgerJson() {}

    /** One line of JSONL. */
    static String line(Call call) {
        ObjectNode json = JSON.createObjectNode();
        json.put("attempt_id", call.attemptId());
        json.put("model", call.model());
        json.put("key", call.key());
        json.put("started_at", call.started().toString());
        json.put("ended_at", call.ended().toString());
        json.put("disposition", ScriptNode.label(call.disposition()));
        json.put("status", call.status());
        json.put("billed", call.billed());
        put(json, call.tokens());
        return json + "\n";
    }

    static String summary(Ledger ledger, RunningScript running) {
        ObjectNode json = JSON.createObjectNode();
        json.put("seed", running.seed());
        json.put("script_started_at", running.start().toString());
        json.put("under_way", ledger.underWay());
        json.put("most_under_way", ledger.mostUnderWay());
        json.put("not_kept", ledger.notKept());
        put(json, ledger.totals());
        ObjectNode models = json.putObject("models");
        ledger.totalsByModel().forEach((model, totals) -> put(models.putObject(model), totals));
        ObjectNode keys = json.putObject("keys");
        ledger.totalsByKey().forEach((key, totals) -> put(keys.putObject(key), totals));
        return json.toString();
    }

    private static void put(ObjectNode json, Totals totals) {
        json.put("calls", totals.calls());
        json.put("billed", totals.billed());
        put(json, totals.tokens());
        ObjectNode dispositions = json.putObject("dispositions");
        totals.dispositions()
                .forEach((end, count) -> dispositions.put(ScriptNode.label(end), count));
        ObjectNode statuses = json.putObject("statuses");
        totals.statuses().forEach((status, count) -> statuses.put(status.toString(), count));
    }

    private static void put(ObjectNode json, BilledTokens tokens) {
        json.put("input_tokens", tokens.input());
        json.put("cached_tokens", tokens.cached());
        json.put("output_tokens", tokens.output());
        json.put("reasoning_tokens", tokens.reasoning());
    }
}
