package dev.gantry.dialect.gemini;

import dev.gantry.dialect.ChatBody;
import dev.gantry.dialect.ChatMessage;
import dev.gantry.dialect.ChatMessage.Format;
import dev.gantry.dialect.ChatMessage.Tool;
import dev.gantry.dialect.ChatMessage.ToolChoice;
import dev.gantry.dialect.ChatReader;
import dev.gantry.dialect.ToolReader;
import dev.gantry.dialect.Unsayable;
import dev.gantry.inference.Adaptation;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.util.List;
import java.util.Locale;

/** Writes one chat request as a request of generateContent. */
final class GeminiRequest {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** Members of the protocol itself; a request may hold them as they are. */
    private static final List<String> OWN = List.of("cachedContent", "safetySettings");

    private final ChatBody body;
    private final Adaptation adaptation;
    private final ObjectNode json = NODES.objectNode();
    private final ObjectNode generation = NODES.objectNode();

    GeminiRequest(ChatBody body, Adaptation adaptation) {
        this.body = body;
        this.adaptation = adaptation;
    }

    ObjectNode json() {
        List<ChatMessage> messages = ChatReader.messages(body);
        GeminiContents.write(json, messages, adaptation.model());
        tools();
        numbers();
        stops();
        format();
        thinking();
        if (!generation.isEmpty()) {
            json.set("generationConfig", generation);
        }
        for (String name : OWN) {
            JsonNode value = body.member(name);
            if (value != null) {
                json.set(name, value);
            }
        }
        return json;
    }

    private void numbers() {
        if (adaptation.outputLimit() != null) {
            generation.put("maxOutputTokens", adaptation.outputLimit().tokens());
        }
        number("temperature", "temperature");
        number("top_p", "topP");
        number("top_k", "topK");
        number("n", "candidateCount");
        number("seed", "seed");
        number("presence_penalty", "presencePenalty");
        number("frequency_penalty", "frequencyPenalty");
    }

    private void number(String name, String theirs) {
        JsonNode number = body.number(name);
        if (number != null) {
            generation.set(theirs, number);
        }
    }

    private void stops() {
        List<String> stops = body.texts("stop");
        if (!stops.isEmpty()) {
            ArrayNode list = generation.putArray("stopSequences");
            stops.forEach(list::add);
        }
    }

    private void tools() {
        List<Tool> tools = ToolReader.tools(body);
        if (tools.isEmpty()) {
            return;
        }
        ArrayNode list = json.putArray("tools").addObject().putArray("functionDeclarations");
        for (Tool each : tools) {
            ObjectNode written = list.addObject().put("name", each.name());
            if (each.description() != null) {
                written.put("description", each.description());
            }
            if (each.parameters() != null) {
                written.set("parametersJsonSchema", each.parameters());
            }
        }
        if (!body.flag("parallel_tool_calls", true)) {
            throw new Unsayable("parallel_tool_calls", "true is wanted in this dialect");
        }
        choice(ToolReader.choice(body));
    }

    private void choice(ToolChoice choice) {
        if (choice instanceof ToolChoice.Auto) {
            return;
        }
        ObjectNode calling = json.putObject("toolConfig").putObject("functionCallingConfig");
        calling.put("mode", choice instanceof ToolChoice.None ? "NONE" : "ANY");
        if (choice instanceof ToolChoice.Named(String name)) {
            calling.putArray("allowedFunctionNames").add(name);
        }
    }

    private void format() {
        switch (ToolReader.format(body)) {
            case Format.Free() -> {}
            case Format.AnyObject() -> generation.put("responseMimeType", "application/json");
            case Format.Schema(JsonNode schema) ->
                    generation
                            .put("responseMimeType", "application/json")
                            .set("responseJsonSchema", schema);
        }
    }

    /** The second generation takes a budget, later ones a level. */
    private void thinking() {
        String effort = body.text("reasoning_effort");
        if (effort == null) {
            return;
        }
        ObjectNode thinking = generation.putObject("thinkingConfig");
        String asked = effort.toLowerCase(Locale.ROOT);
        if (adaptation.model().contains("gemini-2")) {
            thinking.put("thinkingBudget", budget(asked));
        } else {
            thinking.put("thinkingLevel", level(asked));
        }
        thinking.put("includeThoughts", !asked.equals("none"));
    }

    private int budget(String effort) {
        return switch (effort) {
            // This one cannot do without; it is its least.
            case "none" -> adaptation.model().contains("gemini-2.5-pro") ? 128 : 0;
            case "minimal", "low" -> 1024;
            case "medium" -> 8192;
            case "high", "xhigh", "max" -> 24_576;
            default -> throw wrongEffort();
        };
    }

    /** Not every model has every level: the nearest that it has. */
    private String level(String effort) {
        String model = adaptation.model();
        boolean minimal = model.contains("gemini-3-flash") || model.contains("flash-lite");
        return switch (effort) {
            case "none", "minimal" -> minimal ? "minimal" : "low";
            case "medium" -> model.contains("gemini-3-pro") ? "high" : effort;
            case "low", "high" -> effort;
            case "xhigh", "max" -> "high";
            default -> throw wrongEffort();
        };
    }

    private static Unsayable wrongEffort() {
        return new Unsayable(
                "reasoning_effort", "none, minimal, low, medium, high, xhigh or max is wanted");
    }
}
