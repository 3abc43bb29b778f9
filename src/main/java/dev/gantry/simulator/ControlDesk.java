package dev.gantry.simulator;

import dev.gantry.simulator.http.Chunks;
import dev.gantry.simulator.http.HttpRequest;
import dev.gantry.simulator.http.Reply;
import dev.gantry.simulator.http.ServerConnection;
import dev.gantry.simulator.script.Script;
import dev.gantry.simulator.script.ScriptException;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Reads the ledger and changes the script over HTTP, for a simulator in another process. */
final class ControlDesk {
    static final String PATH = "/_simulator/";

    private static final int BLOCK = 64 << 10;

    private final ScriptStage stage;
    private final Ledger ledger;

    ControlDesk(ScriptStage stage, Ledger ledger) {
        this.stage = stage;
        this.ledger = ledger;
    }

    /** True if the connection can carry another request. */
    boolean serve(HttpRequest request, ServerConnection connection)
            throws IOException, InterruptedException {
        String asked = request.method() + " " + request.path().substring(PATH.length());
        if (asked.equals("GET ledger")) {
            sendLedger(connection);
        } else {
            connection.write(reply(asked, request).bytes());
        }
        return true;
    }

    private Reply reply(String asked, HttpRequest request)
            throws IOException, InterruptedException {
        return switch (asked) {
            case "GET summary" -> summary();
            case "POST script" -> script(new String(request.body(), StandardCharsets.UTF_8));
            case "POST models" -> models(request);
            case "POST reset" -> {
                stage.restart();
                ledger.reset();
                yield summary();
            }
            default ->
                    Reply.json(
                            404,
                            ApiError.of(
                                    "allowed: GET ledger, GET summary, POST script, POST models,"
                                            + " POST reset",
                                    null,
                                    null));
        };
    }

    private Reply summary() {
        return Reply.json(200, LedgerJson.summary(ledger, stage.running()));
    }

    private Reply script(String json) throws IOException, InterruptedException {
        try {
            stage.play(Script.parse(json));
            return summary();
        } catch (ScriptException e) {
            return Reply.json(400, ApiError.of(e.getMessage(), null, null));
        }
    }

    /** What is listed from now on, whatever the script has rules for. */
    private Reply models(HttpRequest request) {
        try {
            JsonNode names = JsonMapper.shared().readTree(request.body());
            if (names.isArray() && names.valueStream().allMatch(JsonNode::isString)) {
                stage.list(names.valueStream().map(JsonNode::asString).toList());
                return new ListedModels(stage.listed(), stage.running().start()).list(request);
            }
        } catch (JacksonException _) {
            // Said below.
        }
        return Reply.json(400, ApiError.of("models: allowed is a JSON array of names", null, null));
    }

    /** In blocks: a full ledger is some hundred megabytes of text. */
    private void sendLedger(ServerConnection connection) throws IOException {
        Reply reply = new Reply(200, Map.of("content-type", "application/x-ndjson"), "");
        connection.write(reply.head("transfer-encoding: chunked"));
        StringBuilder block = new StringBuilder(BLOCK + 1024);
        for (Call call : ledger.calls()) {
            block.append(LedgerJson.line(call));
            if (block.length() >= BLOCK) {
                connection.write(Chunks.of(block.toString()));
                block.setLength(0);
            }
        }
        if (!block.isEmpty()) {
            connection.write(Chunks.of(block.toString()));
        }
        connection.write(Chunks.last());
    }
}
