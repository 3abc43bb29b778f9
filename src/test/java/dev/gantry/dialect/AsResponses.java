package dev.gantry.dialect;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A chat request as somebody writes it who knows the Responses API only. */
final class AsResponses {
    private static final JsonMapper JSON = JsonMapper.shared();

    private AsResponses() {}

    static String of(JsonNode chat) {
        ObjectNode body = JSON.createObjectNode();
        chat.properties().forEach(each -> member(body, each.getKey(), each.getValue()));
        return body.toString();
    }

    private static void member(ObjectNode body, String name, JsonNode value) {
        switch (name) {
            case "messages" -> {
                ArrayNode input = body.putArray("input");
                for (JsonNode each : value) {
                    boolean instructs = each.get("role").asString().equals("system");
                    if (instructs && input.isEmpty() && each.get("content").isString()) {
                        body.set("instructions", each.get("content"));
                    } else {
                        items(input, each);
                    }
                }
            }
            case "max_tokens" -> body.set("max_output_tokens", value);
            case "tools" -> {
                ArrayNode tools = body.putArray(name);
                value.forEach(
                        each ->
                                tools.addObject()
                                        .put("type", "function")
                                        .setAll((ObjectNode) each.get("function")));
            }
            case "tool_choice" ->
                    body.set(
                            name,
                            value.isString()
                                    ? value
                                    : JSON.createObjectNode()
                                            .put("type", "function")
                                            .set("name", value.at("/function/name")));
            default -> body.set(name, value);
        }
    }

    private static void items(ArrayNode input, JsonNode message) {
        String role = message.get("role").asString();
        JsonNode content = message.get("content");
        if (role.equals("tool")) {
            ObjectNode result = input.addObject().put("type", "function_call_output");
            result.set("call_id", message.get("tool_call_id"));
            result.set("output", content);
            return;
        }
        if (!content.isNull()) {
            ObjectNode item = input.addObject().put("role", role);
            if (content.isString()) {
                item.set("content", content);
            } else {
                ArrayNode parts = item.putArray("content");
                content.forEach(each -> part(parts.addObject(), each));
            }
        }
        for (JsonNode call : message.path("tool_calls")) {
            ObjectNode item = input.addObject().put("type", "function_call");
            item.set("call_id", call.get("id"));
            item.setAll((ObjectNode) call.get("function"));
        }
    }

    private static void part(ObjectNode written, JsonNode part) {
        if (part.has("text")) {
            written.put("type", "input_text").set("text", part.get("text"));
        } else {
            written.put("type", "input_image").set("image_url", part.at("/image_url/url"));
        }
    }
}
