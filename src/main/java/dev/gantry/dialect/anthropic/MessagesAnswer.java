package dev.gantry.dialect.anthropic;

import dev.gantry.dialect.ChatBody;
import dev.gantry.dialect.ChatCompletion;
import dev.gantry.dialect.ChatCompletion.Choice;
import dev.gantry.dialect.EventStream;
import dev.gantry.dialect.JsonBytes;
import dev.gantry.dialect.TokenCounts;
import dev.gantry.dialect.WireFormat.Reading;
import dev.gantry.inference.Payload;
import dev.gantry.inference.Usage;
import dev.gantry.operation.Operations;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads an answer of the Messages API. */
final class MessagesAnswer {
    private final JsonNode root;
    private final Choice choice = new Choice();
    private final List<String> mended = new ArrayList<>();

    /** Whether the answer came as the input of the tool that was forced upon the model. */
    private boolean byTool;

    private MessagesAnswer(JsonNode root) {
        this.root = root;
    }

    static Reading read(int status, Map<String, String> headers, byte[] body) {
        if (EventStream.is(headers, body)) {
            return ChatCompletion.joined(new MessagesStream(false, status, headers), body);
        }
        JsonNode root = ChatCompletion.parse(body);
        if (root == null) {
            JsonNode cut = JsonBytes.last(body, "usage");
            return ChatCompletion.unknown(status, headers, Payload.opaque(body), usage(cut));
        }
        JsonBytes.joinLines(body);
        byte[] own = JsonBytes.withoutMark(body);
        JsonNode error = root.get("error");
        if (error != null && error.isObject()) {
            return ChatCompletion.error(
                    facts(status, headers, root, List.of()),
                    ChatCompletion.text(error, "message"),
                    ChatCompletion.text(error, "type"),
                    own);
        }
        JsonNode content = root.get("content");
        if (status / 100 != 2 || content == null || !content.isArray()) {
            return ChatCompletion.unknown(
                    status, headers, Payload.json(own), usage(root.get("usage")));
        }
        return new MessagesAnswer(root).answer(status, headers, content, own);
    }

    private Reading answer(int status, Map<String, String> headers, JsonNode content, byte[] own) {
        content.forEach(this::block);
        String finish = finish(ChatCompletion.text(root, "stop_reason"));
        return ChatCompletion.answer(
                facts(status, headers, root, mended), List.of(choice), List.of(finish), own);
    }

    private void block(JsonNode block) {
        switch (String.valueOf(ChatCompletion.text(block, "type"))) {
            case "text" -> choice.text(textOf(block, "text"));
            case "thinking" -> {
                choice.reasoning(textOf(block, "thinking"));
                choice.thinking(block);
            }
            case "redacted_thinking" -> choice.thinking(block);
            case "tool_use" -> call(block);
            default -> mended.add(ChatCompletion.UNKNOWN_BLOCKS);
        }
    }

    private void call(JsonNode block) {
        String name = textOf(block, "name");
        if (name.equals(MessagesRequest.ANSWER_TOOL)) {
            byTool = true;
            choice.text(ChatCompletion.written(block.get("input")));
        } else {
            choice.call(textOf(block, "id"), name, block.get("input"));
        }
    }

    private static String textOf(JsonNode block, String name) {
        String text = ChatCompletion.text(block, name);
        return text == null ? "" : text;
    }

    private String finish(@Nullable String reason) {
        return switch (reason) {
            case "max_tokens", "model_context_window_exceeded" -> "length";
            case "tool_use" -> byTool && choice.calls() == 0 ? "stop" : "tool_calls";
            case "refusal" -> "content_filter";
            case null, default -> "stop";
        };
    }

    private static ChatCompletion.Facts facts(
            int status, Map<String, String> headers, JsonNode root, List<String> mended) {
        return new ChatCompletion.Facts(
                status,
                headers,
                ChatCompletion.text(root, "id"),
                ChatCompletion.text(root, "model"),
                ChatCompletion.text(root, "stop_reason"),
                ChatCompletion.text(root.path("usage"), "service_tier"),
                usage(root.get("usage")),
                mended.stream().distinct().toList());
    }

    /** Input is what was read afresh, from the cache and into the cache. */
    private static @Nullable Usage usage(@Nullable JsonNode usage) {
        return usage == null || !usage.isObject()
                ? null
                : TokenCounts.of(Operations.CHAT, ChatBody.JSON.writeValueAsBytes(usage));
    }
}
