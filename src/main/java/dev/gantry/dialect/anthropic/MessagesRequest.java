package dev.gantry.dialect.anthropic;

import dev.gantry.dialect.ChatBody;
import dev.gantry.dialect.ChatMessage;
import dev.gantry.dialect.ChatMessage.Format;
import dev.gantry.dialect.ChatMessage.Tool;
import dev.gantry.dialect.ChatMessage.ToolChoice;
import dev.gantry.dialect.ChatReader;
import dev.gantry.dialect.ToolReader;
import dev.gantry.dialect.Unsayable;
import dev.gantry.inference.Adaptation.OutputLimit;
import dev.gantry.inference.Attempt;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.util.List;
import java.util.Locale;

/** Writes one chat request as a request of the Messages API. */
final class MessagesRequest {
    /** The tool that a model calls with its answer, where it has no output format. */
    static final String ANSWER_TOOL = "gantry_json_answer";

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** Of thinking; of what may be put out, half is left for the answer. */
    private static final int LEAST_BUDGET = 1024;

    private final ChatBody body;
    private final ClaudeModel model;
    private final String modelId;
    private final long maxTokens;
    private final List<Tool> tools;
    private final Format format;
    private final ObjectNode json = NODES.objectNode();

    MessagesRequest(ChatBody body, Attempt.Dispatch dispatch) {
        this.body = body;
        this.modelId = dispatch.adaptation().model();
        this.model = ClaudeModel.of(modelId);
        this.maxTokens = maxTokens(dispatch);
        this.tools = ToolReader.tools(body);
        this.format = ToolReader.format(body);
    }

    /** The request's own limit, else the model's: the protocol wants one. */
    private static long maxTokens(Attempt.Dispatch dispatch) {
        OutputLimit limit = dispatch.adaptation().outputLimit();
        Long most = limit == null ? dispatch.projectedOutput() : Long.valueOf(limit.tokens());
        if (most == null) {
            throw new Unsayable(
                    "max_tokens", "is wanted, by the request or as the model's max-output-tokens");
        }
        return most;
    }

    ObjectNode json() {
        List<ChatMessage> messages = ChatReader.messages(body);
        json.put("model", modelId);
        json.put("max_tokens", maxTokens);
        ArrayNode system = MessagesTurns.system(messages);
        if (!system.isEmpty()) {
            json.set("system", system);
        }
        json.set("messages", MessagesTurns.turns(messages));
        boolean thinks = thinking();
        if (!thinks) {
            sampling();
        }
        stops();
        tools(thinks);
        format(thinks);
        notes();
        json.put("stream", body.flag("stream", false));
        return json;
    }

    /** Returns whether the model is to think: then it draws as it likes. */
    private boolean thinking() {
        JsonNode own = body.member("thinking");
        if (own != null) {
            json.set("thinking", own);
            return !"disabled".equals(own.path("type").asString(""));
        }
        String effort = body.text("reasoning_effort");
        if (effort == null || effort.equals("none")) {
            return false;
        }
        int budget = budget(effort.toLowerCase(Locale.ROOT));
        ObjectNode thinking = json.putObject("thinking");
        if (model.adaptive()) {
            thinking.put("type", "adaptive");
            thinking.put("display", "summarized");
            String level = effort.equals("minimal") ? "low" : effort.toLowerCase(Locale.ROOT);
            json.withObject("output_config").put("effort", level);
            return true;
        }
        if (maxTokens <= LEAST_BUDGET) {
            throw new Unsayable(
                    "reasoning_effort",
                    "an output limit of more than %d tokens is wanted, as thinking takes that many"
                            .formatted(LEAST_BUDGET));
        }
        thinking.put("type", "enabled");
        thinking.put("budget_tokens", Math.min(budget, Math.max(LEAST_BUDGET, maxTokens / 2)));
        return true;
    }

    private static int budget(String effort) {
        return switch (effort) {
            case "minimal", "low" -> LEAST_BUDGET;
            case "medium" -> 8192;
            case "high" -> 24_576;
            case "xhigh", "max" -> 32_768;
            default ->
                    throw new Unsayable(
                            "reasoning_effort",
                            "none, minimal, low, medium, high, xhigh or max is wanted");
        };
    }

    private void sampling() {
        JsonNode temperature = body.number("temperature");
        if (temperature != null) {
            // Ours goes to 2: what is above 1 is as hot as it gets.
            json.set(
                    "temperature",
                    temperature.doubleValue() > 1 ? NODES.numberNode(1) : temperature);
        }
        copyNumber("top_p");
        copyNumber("top_k");
    }

    private void copyNumber(String name) {
        JsonNode number = body.number(name);
        if (number != null) {
            json.set(name, number);
        }
    }

    private void stops() {
        List<String> stops = body.texts("stop");
        if (!stops.isEmpty()) {
            ArrayNode list = json.putArray("stop_sequences");
            stops.forEach(list::add);
        }
    }

    private void tools(boolean thinks) {
        if (tools.isEmpty()) {
            return;
        }
        ArrayNode list = json.putArray("tools");
        tools.forEach(each -> tool(list.addObject(), each));
        ToolChoice choice = ToolReader.choice(body);
        if (thinks && !(choice instanceof ToolChoice.Auto || choice instanceof ToolChoice.None)) {
            throw new Unsayable("tool_choice", "auto or none is wanted while the model thinks");
        }
        boolean one = !body.flag("parallel_tool_calls", true);
        if (choice instanceof ToolChoice.Auto && !one) {
            return;
        }
        ObjectNode chosen = json.putObject("tool_choice");
        switch (choice) {
            case ToolChoice.Auto() -> chosen.put("type", "auto");
            case ToolChoice.None() -> chosen.put("type", "none");
            case ToolChoice.Required() -> chosen.put("type", "any");
            case ToolChoice.Named(String name) -> chosen.put("type", "tool").put("name", name);
        }
        if (one && !(choice instanceof ToolChoice.None)) {
            chosen.put("disable_parallel_tool_use", true);
        }
    }

    private void tool(ObjectNode written, Tool tool) {
        written.put("name", tool.name());
        if (tool.description() != null) {
            written.put("description", tool.description());
        }
        written.set("input_schema", tool.parameters() == null ? anyObject() : tool.parameters());
        if (tool.strict() && model.outputFormat()) {
            written.put("strict", true);
        }
        if (tool.cacheControl() != null) {
            written.set("cache_control", tool.cacheControl());
        }
    }

    private static ObjectNode anyObject() {
        return NODES.objectNode().put("type", "object");
    }

    private void format(boolean thinks) {
        JsonNode schema =
                switch (format) {
                    case Format.Free() -> null;
                    case Format.AnyObject() -> anyObject();
                    case Format.Schema(JsonNode given) -> given;
                };
        if (schema == null) {
            return;
        }
        if (format instanceof Format.Schema && model.outputFormat()) {
            json.withObject("output_config")
                    .putObject("format")
                    .put("type", "json_schema")
                    .set("schema", schema);
            return;
        }
        forcedTool(schema, thinks);
    }

    private void forcedTool(JsonNode schema, boolean thinks) {
        if (!tools.isEmpty() || thinks) {
            throw new Unsayable(
                    "response_format",
                    "text is wanted with tools or thinking: this model is made to answer so by"
                            + " a tool, which goes with neither");
        }
        json.putArray("tools")
                .addObject()
                .put("name", ANSWER_TOOL)
                .put("description", "Takes the whole answer to the user.")
                .set("input_schema", schema);
        json.putObject("tool_choice")
                .put("type", "tool")
                .put("name", ANSWER_TOOL)
                .put("disable_parallel_tool_use", true); // Called twice, it would answer twice.
    }

    private void notes() {
        String user = firstOf(body.text("user"), body.text("safety_identifier"));
        if (user != null) {
            json.putObject("metadata").put("user_id", user);
        }
        if ("default".equals(body.text("service_tier"))) {
            json.put("service_tier", "standard_only");
        }
        for (String name : body.names("anthropic_")) {
            JsonNode value = body.member(name);
            if (value != null) {
                json.set(name, value);
            }
        }
    }

    private static @Nullable String firstOf(@Nullable String one, @Nullable String other) {
        return one == null ? other : one;
    }
}
