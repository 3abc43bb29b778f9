package dev.gantry.dialect;

import dev.gantry.dialect.ChatMessage.Assistant;
import dev.gantry.dialect.ChatMessage.Inline;
import dev.gantry.dialect.ChatMessage.Instruction;
import dev.gantry.dialect.ChatMessage.Part;
import dev.gantry.dialect.ChatMessage.Remote;
import dev.gantry.dialect.ChatMessage.Text;
import dev.gantry.dialect.ChatMessage.ToolCall;
import dev.gantry.dialect.ChatMessage.ToolResult;
import dev.gantry.dialect.ChatMessage.User;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the messages of a chat request. Strict where something would be lost: what it does not know
 * it refuses. Empty texts are left out, since no other dialect has them.
 */
public final class ChatReader {
    /** Names of the functions that earlier messages have called, by the calls' ids. */
    private final Map<String, String> called = new HashMap<>();

    private final List<ChatMessage> messages = new ArrayList<>();

    private ChatReader() {}

    /**
     * In their order; assistants that have said nothing are left out.
     *
     * @throws Unsayable if a message is not as OpenAI's protocol has it, or has no counterpart
     */
    public static List<ChatMessage> messages(ChatBody body) {
        ChatReader reader = new ChatReader();
        int index = 0;
        for (JsonNode each : ChatBody.array(body.member("messages"), "messages")) {
            String where = "messages[" + index++ + "]";
            reader.read(ChatBody.object(each, where), where);
        }
        return reader.messages;
    }

    private void read(JsonNode message, String where) {
        refuse(message, where, "function_call");
        refuse(message, where, "audio");
        String role = ChatBody.text(message.get("role"), where + ".role");
        JsonNode content = ChatBody.present(message, "content");
        String at = where + ".content";
        if (!role.equals("tool")) {
            refuse(message, where, "name");
        }
        switch (role) {
            case "system", "developer" -> messages.add(new Instruction(some(content, at)));
            case "user" -> messages.add(new User(some(content, at)));
            case "assistant" -> assistant(message, content, where);
            case "tool" -> messages.add(result(message, parts(content, at), where));
            default ->
                    throw new Unsayable(
                            where + ".role",
                            "one of system, developer, user, assistant, tool is wanted");
        }
    }

    private static void refuse(JsonNode message, String where, String member) {
        if (ChatBody.present(message, member) != null) {
            throw new Unsayable(
                    where + "." + member,
                    "has no counterpart in this dialect; a message without it is wanted");
        }
    }

    private void assistant(JsonNode message, @Nullable JsonNode content, String where) {
        List<JsonNode> thinking = new ArrayList<>();
        JsonNode blocks = ChatBody.present(message, "thinking_blocks");
        if (blocks != null) {
            for (JsonNode each : ChatBody.array(blocks, where + ".thinking_blocks")) {
                thinking.add(ChatBody.object(each, where + ".thinking_blocks"));
            }
        }
        List<Part> parts = parts(content, where + ".content");
        JsonNode refusal = ChatBody.present(message, "refusal");
        if (refusal != null) {
            add(parts, ChatBody.text(refusal, where + ".refusal"), null);
        }
        List<ToolCall> calls = calls(ChatBody.present(message, "tool_calls"), where);
        if (!parts.isEmpty() || !calls.isEmpty()) {
            messages.add(new Assistant(thinking, parts, calls));
        }
    }

    private List<ToolCall> calls(@Nullable JsonNode list, String where) {
        List<ToolCall> calls = new ArrayList<>();
        if (list == null) {
            return calls;
        }
        for (JsonNode each : ChatBody.array(list, where + ".tool_calls")) {
            String at = where + ".tool_calls[" + calls.size() + "]";
            JsonNode type = ChatBody.object(each, at).get("type");
            if (type != null && !"function".equals(type.asString(""))) {
                throw new Unsayable(at + ".type", "function is wanted");
            }
            JsonNode function = ChatBody.object(each.get("function"), at + ".function");
            String id = ChatBody.text(each.get("id"), at + ".id");
            String name = ChatBody.text(function.get("name"), at + ".function.name");
            JsonNode signature = each.at("/extra_content/google/thought_signature");
            called.put(id, name);
            calls.add(
                    new ToolCall(
                            id,
                            name,
                            arguments(function.get("arguments"), at + ".function.arguments"),
                            signature.isString() ? signature.stringValue() : null));
        }
        return calls;
    }

    /** Models write them as text, and write nothing where there are none. */
    private static JsonNode arguments(@Nullable JsonNode written, String where) {
        String text = ChatBody.text(written, where);
        if (text.isBlank()) {
            return JsonNodeFactory.instance.objectNode();
        }
        try {
            return ChatBody.object(ChatBody.JSON.readTree(text), where);
        } catch (JacksonException _) {
            throw new Unsayable(where, "a JSON object is wanted");
        }
    }

    private ToolResult result(JsonNode message, List<Part> parts, String where) {
        String id = ChatBody.text(message.get("tool_call_id"), where + ".tool_call_id");
        String tool = called.get(id);
        if (tool == null) {
            throw new Unsayable(
                    where + ".tool_call_id", "the id of a tool call before it is wanted");
        }
        return new ToolResult(id, tool, parts);
    }

    private static List<Part> some(@Nullable JsonNode content, String where) {
        List<Part> parts = parts(content, where);
        if (parts.isEmpty()) {
            throw new Unsayable(where, "a text or a list of parts, not empty, is wanted");
        }
        return parts;
    }

    private static List<Part> parts(@Nullable JsonNode content, String where) {
        List<Part> parts = new ArrayList<>();
        if (content == null) {
            return parts;
        }
        if (content.isString()) {
            add(parts, content.stringValue(), null);
            return parts;
        }
        if (!content.isArray()) {
            throw new Unsayable(where, "a text or a list of parts is wanted");
        }
        int index = 0;
        for (JsonNode each : content) {
            part(parts, each, where + "[" + index++ + "]");
        }
        return parts;
    }

    private static void part(List<Part> parts, JsonNode part, String where) {
        JsonNode cache = ChatBody.present(ChatBody.object(part, where), "cache_control");
        switch (ChatBody.text(part.get("type"), where + ".type")) {
            case "text" -> add(parts, ChatBody.text(part.get("text"), where + ".text"), cache);
            case "refusal" ->
                    add(parts, ChatBody.text(part.get("refusal"), where + ".refusal"), cache);
            case "image_url" -> parts.add(picture(part.get("image_url"), where, cache));
            case "input_audio" -> {
                String at = where + ".input_audio";
                JsonNode audio = ChatBody.object(part.get("input_audio"), at);
                String format = ChatBody.text(audio.get("format"), at + ".format");
                String data = ChatBody.text(audio.get("data"), at + ".data");
                parts.add(new Inline("audio/" + format, data, cache));
            }
            default ->
                    throw new Unsayable(
                            where + ".type",
                            "one of text, image_url, refusal is wanted, or input_audio of gemini");
        }
    }

    private static void add(List<Part> parts, String text, @Nullable JsonNode cache) {
        if (!text.isEmpty()) {
            parts.add(new Text(text, cache));
        }
    }

    private static Part picture(@Nullable JsonNode image, String where, @Nullable JsonNode cache) {
        String at = where + ".image_url.url";
        String url =
                image != null && image.isString()
                        ? image.stringValue()
                        : ChatBody.text(
                                ChatBody.object(image, where + ".image_url").get("url"), at);
        if (!url.startsWith("data:")) {
            if (!url.startsWith("https://") && !url.startsWith("http://")) {
                throw new Unsayable(at, "a data URL or an address with http is wanted");
            }
            return new Remote(url, cache);
        }
        int comma = url.indexOf(',');
        String head = comma < 0 ? "" : url.substring("data:".length(), comma);
        if (!head.endsWith(";base64") || head.indexOf(';') == 0) {
            throw new Unsayable(at, "a data URL with a media type and base64 is wanted");
        }
        return new Inline(head.substring(0, head.indexOf(';')), url.substring(comma + 1), cache);
    }
}
