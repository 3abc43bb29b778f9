package dev.gantry.dialect;

import dev.gantry.inference.Dialect;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a translated request says, in a plain form to which a request in OpenAI's is brought too.
 */
final class InverseChat {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final ObjectNode plain = JSON.createObjectNode();
    private final ArrayNode system = JSON.createArrayNode();
    private final ArrayNode said = JSON.createArrayNode();

    private InverseChat() {}

    static ObjectNode of(Dialect dialect, JsonNode sent) {
        InverseChat chat = new InverseChat();
        switch (dialect) {
            case OPENAI -> {
                return normal(sent, dialect);
            }
            case ANTHROPIC -> chat.ofMessages(sent);
            case GEMINI -> chat.ofGemini(sent);
        }
        return chat.plain();
    }

    private ObjectNode plain() {
        plain.set("system", system);
        plain.set("said", said);
        return plain;
    }

    private void copy(JsonNode from, String name, String to) {
        if (from.has(name)) {
            plain.set(to, from.get(name));
        }
    }

    /** The request itself; every part with the side that says it, since sides may be merged. */
    static ObjectNode normal(JsonNode body, Dialect dialect) {
        InverseChat chat = new InverseChat();
        body.get("messages").forEach(chat::message);
        JsonNode limit = body.get("max_tokens");
        if (limit != null || dialect == Dialect.ANTHROPIC) {
            chat.plain.put("limit", limit == null ? 4096 : limit.intValue());
        }
        for (String name : new String[] {"temperature", "top_p", "stop", "seed", "user"}) {
            chat.copy(body, name, name);
        }
        if (body.has("tools")) {
            ArrayNode tools = chat.plain.putArray("tools");
            body.get("tools").forEach(each -> tools.add(each.get("function")));
            JsonNode choice = body.path("tool_choice");
            chat.plain.put(
                    "choice",
                    choice.isObject()
                            ? choice.at("/function/name").asString()
                            : choice.asString("auto"));
        }
        return chat.plain();
    }

    private void message(JsonNode message) {
        String role = message.get("role").asString();
        JsonNode content = message.path("content");
        switch (role) {
            case "system", "developer" -> system.add(content);
            case "tool" -> {
                String id = message.get("tool_call_id").asString();
                said("user").put("result_of", id).set("content", content);
            }
            default -> {
                if (content.isString()) {
                    said(role).set("text", content);
                }
                for (JsonNode part : content.isArray() ? content : JSON.createArrayNode()) {
                    if (part.has("text")) {
                        said(role).set("text", part.get("text"));
                    } else {
                        said(role).set("image", part.at("/image_url/url"));
                    }
                }
                for (JsonNode call : message.path("tool_calls")) {
                    call(
                            call.get("id"),
                            call.at("/function/name"),
                            JSON.readTree(call.at("/function/arguments").asString()));
                }
            }
        }
    }

    private ObjectNode said(String role) {
        return said.addObject().put("role", role);
    }

    private void call(JsonNode id, JsonNode name, JsonNode arguments) {
        ObjectNode call = said("assistant");
        call.set("call", id);
        call.set("name", name);
        call.set("arguments", arguments);
    }

    private void tool(ArrayNode tools, JsonNode tool, String schema) {
        ObjectNode written = tools.addObject();
        written.set("name", tool.get("name"));
        written.set("description", tool.get("description"));
        written.set("parameters", tool.get(schema));
    }

    private void ofMessages(JsonNode sent) {
        sent.path("system").forEach(each -> system.add(each.get("text")));
        sent.get("messages")
                .forEach(
                        turn ->
                                turn.get("content")
                                        .forEach(each -> block(turn.get("role").asString(), each)));
        copy(sent, "max_tokens", "limit");
        copy(sent, "temperature", "temperature");
        copy(sent, "top_p", "top_p");
        copy(sent, "stop_sequences", "stop");
        copy(sent.path("metadata"), "user_id", "user");
        if (sent.has("tools")) {
            ArrayNode tools = plain.putArray("tools");
            sent.get("tools").forEach(each -> tool(tools, each, "input_schema"));
            String type = sent.at("/tool_choice/type").asString("auto");
            plain.put(
                    "choice",
                    switch (type) {
                        case "any" -> "required";
                        case "tool" -> sent.at("/tool_choice/name").asString();
                        default -> type;
                    });
        }
    }

    private void block(String role, JsonNode block) {
        switch (block.get("type").asString()) {
            case "text" -> said(role).set("text", block.get("text"));
            case "image" -> {
                JsonNode source = block.get("source");
                said(role)
                        .put(
                                "image",
                                source.has("url")
                                        ? source.get("url").asString()
                                        : "data:%s;base64,%s"
                                                .formatted(
                                                        source.get("media_type").asString(),
                                                        source.get("data").asString()));
            }
            case "tool_use" -> call(block.get("id"), block.get("name"), block.get("input"));
            default -> {
                ObjectNode result = said(role);
                result.set("result_of", block.get("tool_use_id"));
                result.set("content", block.at("/content/0/text"));
            }
        }
    }

    private void ofGemini(JsonNode sent) {
        sent.at("/systemInstruction/parts").forEach(each -> system.add(each.get("text")));
        for (JsonNode turn : sent.get("contents")) {
            String role = turn.get("role").asString().equals("model") ? "assistant" : "user";
            turn.get("parts").forEach(each -> part(role, each));
        }
        JsonNode generation = sent.path("generationConfig");
        copy(generation, "maxOutputTokens", "limit");
        copy(generation, "temperature", "temperature");
        copy(generation, "topP", "top_p");
        copy(generation, "stopSequences", "stop");
        copy(generation, "seed", "seed");
        if (sent.has("tools")) {
            ArrayNode tools = plain.putArray("tools");
            sent.at("/tools/0/functionDeclarations")
                    .forEach(each -> tool(tools, each, "parametersJsonSchema"));
            JsonNode calling = sent.at("/toolConfig/functionCallingConfig");
            plain.put(
                    "choice",
                    switch (calling.path("mode").asString("AUTO")) {
                        case "NONE" -> "none";
                        case "ANY" -> calling.at("/allowedFunctionNames/0").asString("required");
                        default -> "auto";
                    });
        }
    }

    private void part(String role, JsonNode part) {
        if (part.has("text")) {
            said(role).set("text", part.get("text"));
        } else if (part.has("inlineData")) {
            JsonNode data = part.get("inlineData");
            said(role)
                    .put(
                            "image",
                            "data:%s;base64,%s"
                                    .formatted(
                                            data.get("mimeType").asString(),
                                            data.get("data").asString()));
        } else if (part.has("fileData")) {
            said(role).set("image", part.at("/fileData/fileUri"));
        } else if (part.has("functionCall")) {
            JsonNode call = part.get("functionCall");
            call(call.get("id"), call.get("name"), call.get("args"));
        } else {
            ObjectNode result = said(role);
            result.set("result_of", part.at("/functionResponse/id"));
            result.set("content", part.at("/functionResponse/response/output"));
        }
    }
}
