package dev.gantry.dialect.responses;

import dev.gantry.dialect.ChatBody;
import dev.gantry.dialect.Unsayable;
import dev.gantry.inference.RequestBody;
import dev.gantry.inference.RequestBody.Member;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Writes one request of the Responses API as a chat request. */
final class ResponsesRequest {
    /** That are the same in both, the output's limit among them: a lane has its own name for it. */
    private static final List<String> SAME =
            List.of(
                    "max_output_tokens",
                    "temperature",
                    "top_p",
                    "user",
                    "safety_identifier",
                    "prompt_cache_key",
                    "prompt_cache_retention",
                    "service_tier");

    private static final List<String> OF_FUNCTIONS = List.of("description", "parameters", "strict");

    private final ChatBody body;
    private final ObjectNode json = JsonNodeFactory.instance.objectNode();

    private ResponsesRequest(ChatBody body) {
        this.body = body;
    }

    /**
     * What is asked, as a chat.
     *
     * @param facts of the request as it was asked
     * @throws Unsayable if something of it is not as the protocol has it, or has no counterpart
     */
    static RequestBody chat(ChatBody body, RequestBody.Facts facts) {
        return bytes(new ResponsesRequest(body).write(), facts);
    }

    /**
     * Why its chat cannot be said, by the places of the request itself.
     *
     * @param why by those of the chat
     */
    static String asked(ChatBody body, String why) {
        return items(body).places().asked(why);
    }

    private static InputItems items(ChatBody body) {
        return InputItems.read(body.member("instructions"), body.member("input"));
    }

    private ObjectNode write() {
        copy(body.member("model"), json, "model");
        json.set("messages", items(body).messages());
        SAME.forEach(each -> copy(body.member(each), json, each));
        tools();
        text();
        JsonNode reasoning = body.member("reasoning");
        if (reasoning != null) {
            copy(ChatBody.object(reasoning, "reasoning").get("effort"), json, "reasoning_effort");
        }
        return json;
    }

    private static void copy(@Nullable JsonNode value, ObjectNode to, String name) {
        if (value != null && !value.isNull()) {
            to.set(name, value);
        }
    }

    /** Without tools, chat takes no word on how to call them. */
    private void tools() {
        JsonNode tools = body.member("tools");
        if (tools == null || ChatBody.array(tools, "tools").isEmpty()) {
            return;
        }
        ArrayNode list = json.putArray("tools");
        for (JsonNode each : tools) {
            String where = "tools[" + list.size() + "]";
            function(ChatBody.object(each, where), where + ".type");
            ObjectNode function = list.addObject().put("type", "function").putObject("function");
            function.put("name", ChatBody.text(each.get("name"), where + ".name"));
            OF_FUNCTIONS.forEach(name -> copy(each.get(name), function, name));
        }
        JsonNode choice = body.member("tool_choice");
        if (choice != null && choice.isObject()) {
            function(choice, "tool_choice.type");
            json.putObject("tool_choice")
                    .put("type", "function")
                    .putObject("function")
                    .put("name", ChatBody.text(choice.get("name"), "tool_choice.name"));
        } else {
            copy(choice, json, "tool_choice");
        }
        copy(body.member("parallel_tool_calls"), json, "parallel_tool_calls");
    }

    private static void function(JsonNode typed, String where) {
        if (!ChatBody.text(typed.get("type"), where).equals("function")) {
            throw new Unsayable(where, "function is wanted");
        }
    }

    private void text() {
        JsonNode text = body.member("text");
        if (text == null) {
            return;
        }
        JsonNode verbosity = ChatBody.object(text, "text").get("verbosity");
        if (verbosity != null && !verbosity.asString("").equals("medium")) {
            copy(verbosity, json, "verbosity"); // The default is sent to nobody: few know the word.
        }
        JsonNode format = ChatBody.present(text, "format");
        if (format == null) {
            return;
        }
        String type =
                ChatBody.text(
                        ChatBody.object(format, "text.format").get("type"), "text.format.type");
        switch (type) {
            case "text" -> {}
            case "json_object" -> json.putObject("response_format").put("type", type);
            case "json_schema" -> {
                ObjectNode schema =
                        json.putObject("response_format").put("type", type).putObject(type);
                for (String each : List.of("name", "description", "schema", "strict")) {
                    copy(format.get(each), schema, each);
                }
            }
            default ->
                    throw new Unsayable(
                            "text.format.type", "one of text, json_object, json_schema is wanted");
        }
    }

    /** As a dialect reads it: with the places of its members. */
    private static RequestBody bytes(ObjectNode json, RequestBody.Facts facts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        List<Member> members = new ArrayList<>();
        for (var each : json.properties()) {
            out.write(members.isEmpty() ? '{' : ',');
            int name = out.size();
            out.writeBytes(("\"" + each.getKey() + "\":").getBytes(StandardCharsets.US_ASCII));
            int value = out.size();
            out.writeBytes(ChatBody.JSON.writeValueAsBytes(each.getValue()));
            members.add(new Member(each.getKey(), name, value, out.size()));
        }
        out.write('}');
        return new RequestBody(out.toByteArray(), 0, out.size(), members, facts);
    }
}
