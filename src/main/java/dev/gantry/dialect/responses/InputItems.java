package dev.gantry.dialect.responses;

import dev.gantry.dialect.ChatBody;
import dev.gantry.dialect.Unsayable;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The items of an input as the messages of a chat. What the assistant has said and called one after
 * the other is one message there, since results must follow their calls.
 */
final class InputItems {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final String CONTENT = ".content";

    private final ArrayNode messages = NODES.arrayNode();
    private final AskedPlaces places = new AskedPlaces();

    /** The assistant's, which more of it may join; null: somebody else has spoken since. */
    private @Nullable ObjectNode turn;

    /** Blocks of thinking that belong to what the assistant says next. */
    private final ArrayNode thinking = NODES.arrayNode();

    private InputItems() {}

    /**
     * In their order.
     *
     * @param instructions null: none
     * @throws Unsayable if an item is not as the protocol has it, or has no counterpart
     */
    static InputItems read(@Nullable JsonNode instructions, @Nullable JsonNode input) {
        InputItems items = new InputItems();
        if (instructions != null) {
            items.say("system", "instructions", "")
                    .put("content", ChatBody.text(instructions, "instructions"));
        }
        if (input != null && input.isString()) {
            items.say("user", "input", "").set("content", input);
            return items;
        }
        if (input == null || !input.isArray()) {
            throw new Unsayable("input", "a text or a list of items is wanted");
        }
        int index = 0;
        for (JsonNode each : input) {
            String where = "input[" + index++ + "]";
            items.item(ChatBody.object(each, where), where);
        }
        return items;
    }

    ArrayNode messages() {
        return messages;
    }

    /** Where each of the messages stood. */
    AskedPlaces places() {
        return places;
    }

    /**
     * One more message.
     *
     * @param content the member of what stood there that holds its content
     */
    private ObjectNode say(String role, String where, String content) {
        turn = null;
        String message = "messages[" + messages.size() + "]";
        places.put(message, where);
        places.put(message + ".content", where + content);
        places.put(message + ".tool_call_id", where + ".call_id");
        return messages.addObject().put("role", role);
    }

    private void item(JsonNode item, String where) {
        JsonNode type = ChatBody.present(item, "type");
        switch (type == null ? "message" : ChatBody.text(type, where + ".type")) {
            case "message" -> message(item, where);
            case "function_call" -> call(item, where);
            case "function_call_output" -> {
                String id = ChatBody.text(item.get("call_id"), where + ".call_id");
                JsonNode output = content(item.get("output"), where + ".output");
                say("tool", where, ".output").put("tool_call_id", id).set("content", output);
            }
            case "reasoning" -> item.path("thinking_blocks").forEach(thinking::add);
            default ->
                    throw new Unsayable(
                            where + ".type",
                            "one of message, function_call, function_call_output, reasoning is"
                                    + " wanted");
        }
    }

    /** Few servers but OpenAI's own know a developer; to those it is the system as well. */
    private void message(JsonNode item, String where) {
        String role = ChatBody.text(item.get("role"), where + ".role");
        JsonNode content = content(item.get("content"), where + ".content");
        switch (role) {
            case "user" -> say("user", where, CONTENT).set("content", content);
            case "system", "developer" -> say("system", where, CONTENT).set("content", content);
            case "assistant" -> assistant(content, where);
            default ->
                    throw new Unsayable(
                            where + ".role", "one of user, assistant, system, developer is wanted");
        }
    }

    private void assistant(JsonNode content, String where) {
        ObjectNode open =
                turn != null && turn.has("tool_calls") ? turn : say("assistant", where, CONTENT);
        JsonNode before = open.get("content");
        open.set("content", before == null ? content : parts(before).addAll(parts(content)));
        turn = thoughtful(open);
    }

    private void call(JsonNode item, String where) {
        String id = ChatBody.text(item.get("call_id"), where + ".call_id");
        ObjectNode open = thoughtful(turn == null ? say("assistant", where, CONTENT) : turn);
        turn = open;
        ArrayNode calls = open.withArray("tool_calls");
        String message = "messages[" + (messages.size() - 1) + "]";
        places.put(message + ".tool_calls[" + calls.size() + "]", where);
        ObjectNode call = calls.addObject();
        call.put("id", id).put("type", "function");
        call.putObject("function")
                .put("name", ChatBody.text(item.get("name"), where + ".name"))
                .put("arguments", ChatBody.text(item.get("arguments"), where + ".arguments"));
        JsonNode extra = ChatBody.present(item, "extra_content");
        if (extra != null) {
            call.set("extra_content", extra);
        }
    }

    private ObjectNode thoughtful(ObjectNode open) {
        if (!thinking.isEmpty()) {
            open.withArray("thinking_blocks").addAll(thinking);
            thinking.removeAll();
        }
        return open;
    }

    private static ArrayNode parts(JsonNode content) {
        if (content instanceof ArrayNode list) {
            return list;
        }
        ArrayNode parts = NODES.arrayNode();
        parts.addObject().put("type", "text").set("text", content);
        return parts;
    }

    /** A single text stands by itself: some servers know no parts. */
    private static JsonNode content(@Nullable JsonNode content, String where) {
        if (content != null && content.isString()) {
            return content;
        }
        if (content == null || !content.isArray()) {
            throw new Unsayable(where, "a text or a list of parts is wanted");
        }
        ArrayNode parts = NODES.arrayNode();
        for (JsonNode each : content) {
            part(parts.addObject(), each, where + "[" + (parts.size() - 1) + "]");
        }
        JsonNode only = parts.size() == 1 ? parts.path(0).get("text") : null;
        return only == null ? parts : only;
    }

    private static void part(ObjectNode written, JsonNode part, String where) {
        String type = ChatBody.text(ChatBody.object(part, where).get("type"), where + ".type");
        switch (type) {
            case "input_text", "output_text" -> text(written, "text", part, where);
            case "refusal" -> text(written, "refusal", part, where);
            case "input_image" -> {
                if (ChatBody.present(part, "file_id") != null) {
                    throw new Unsayable(
                            where + ".file_id", "has no counterpart in chat; image_url is wanted");
                }
                String url = ChatBody.text(part.get("image_url"), where + ".image_url");
                written.put("type", "image_url");
                ObjectNode image = written.putObject("image_url").put("url", url);
                JsonNode detail = ChatBody.present(part, "detail");
                if (detail != null) {
                    image.set("detail", detail);
                }
            }
            default ->
                    throw new Unsayable(
                            where + ".type",
                            "one of input_text, output_text, refusal, input_image is wanted");
        }
    }

    private static void text(ObjectNode written, String name, JsonNode part, String where) {
        written.put("type", name).put(name, ChatBody.text(part.get(name), where + "." + name));
    }
}
