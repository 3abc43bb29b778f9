package dev.gantry.dialect.anthropic;

import dev.gantry.dialect.ChatMessage;
import dev.gantry.dialect.ChatMessage.Assistant;
import dev.gantry.dialect.ChatMessage.Inline;
import dev.gantry.dialect.ChatMessage.Instruction;
import dev.gantry.dialect.ChatMessage.Part;
import dev.gantry.dialect.ChatMessage.Remote;
import dev.gantry.dialect.ChatMessage.Text;
import dev.gantry.dialect.ChatMessage.ToolCall;
import dev.gantry.dialect.ChatMessage.ToolResult;
import dev.gantry.dialect.ChatMessage.User;
import dev.gantry.dialect.Unsayable;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.util.List;

/** Messages as turns that alternate: what follows of the same side joins the turn before. */
final class MessagesTurns {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final String USER = "user";

    private final ArrayNode turns = NODES.arrayNode();
    private @Nullable String side;
    private @Nullable ArrayNode blocks;

    private MessagesTurns() {}

    /** All instructions, wherever they stood; empty: there are none. */
    static ArrayNode system(List<ChatMessage> messages) {
        ArrayNode system = NODES.arrayNode();
        for (ChatMessage each : messages) {
            if (each instanceof Instruction(List<Part> parts)) {
                content(system, parts, "system");
            }
        }
        return system;
    }

    static ArrayNode turns(List<ChatMessage> messages) {
        MessagesTurns writer = new MessagesTurns();
        messages.forEach(writer::add);
        if (writer.turns.isEmpty()) {
            throw new Unsayable("messages", "one that is no instruction is wanted");
        }
        return writer.turns;
    }

    private void add(ChatMessage message) {
        switch (message) {
            case Instruction _ -> {}
            case User(List<Part> parts) -> content(blocksOf(USER), parts, "messages[].content");
            case ToolResult result -> result(blocksOf(USER).addObject(), result);
            case Assistant(var thinking, var parts, var calls) -> {
                ArrayNode said = blocksOf("assistant");
                thinking.forEach(said::add);
                content(said, parts, "messages[].content");
                calls.forEach(each -> call(said.addObject(), each));
            }
        }
    }

    private ArrayNode blocksOf(String wanted) {
        if (blocks == null || !wanted.equals(side)) {
            side = wanted;
            blocks = turns.addObject().put("role", wanted).putArray("content");
        }
        return blocks;
    }

    private static void result(ObjectNode block, ToolResult result) {
        block.put("type", "tool_result").put("tool_use_id", result.callId());
        if (!result.parts().isEmpty()) {
            content(block.putArray("content"), result.parts(), "messages[].content");
        }
    }

    private static void call(ObjectNode block, ToolCall call) {
        block.put("type", "tool_use").put("id", call.id()).put("name", call.name());
        block.set("input", call.arguments());
    }

    private static void content(ArrayNode blocks, List<Part> parts, String where) {
        for (Part part : parts) {
            ObjectNode block = blocks.addObject();
            switch (part) {
                case Text(String text, _) -> block.put("type", "text").put("text", text);
                case Remote(String url, _) ->
                        source(block, where).put("type", "url").put("url", url);
                case Inline(String mediaType, String data, _) -> {
                    if (!mediaType.startsWith("image/")) {
                        throw new Unsayable(where, "text or pictures are wanted in this dialect");
                    }
                    source(block, where)
                            .put("type", "base64")
                            .put("media_type", mediaType)
                            .put("data", data);
                }
            }
            JsonNode cache = part.cacheControl();
            if (cache != null) {
                block.set("cache_control", cache);
            }
        }
    }

    private static ObjectNode source(ObjectNode block, String where) {
        if (where.equals("system")) {
            throw new Unsayable("messages[].content", "text is wanted in instructions");
        }
        return block.put("type", "image").putObject("source");
    }
}
