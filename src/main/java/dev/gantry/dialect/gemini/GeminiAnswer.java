package dev.gantry.dialect.gemini;

import dev.gantry.dialect.ChatCompletion;
import dev.gantry.dialect.ChatCompletion.Choice;
import dev.gantry.dialect.EventStream;
import dev.gantry.dialect.JsonBytes;
import dev.gantry.dialect.WireFormat.Reading;
import dev.gantry.inference.FinishReason;
import dev.gantry.inference.Payload;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads an answer of generateContent. */
final class GeminiAnswer {
    private final JsonNode root;
    private final String id;
    private final List<Choice> choices = new ArrayList<>();
    private final List<String> finishes = new ArrayList<>();
    private final List<String> reasons = new ArrayList<>();
    private final List<String> mended = new ArrayList<>();

    GeminiAnswer(JsonNode root) {
        this.root = root;
        String name = ChatCompletion.text(root, "responseId");
        this.id = name == null ? "gemini" : name;
    }

    static Reading read(int status, Map<String, String> headers, byte[] body) {
        if (EventStream.is(headers, body)) {
            return ChatCompletion.joined(new GeminiStream(false, status, headers), body);
        }
        JsonNode root = ChatCompletion.parse(body);
        if (root == null) {
            JsonNode cut = JsonBytes.last(body, GeminiUsage.NAME);
            return ChatCompletion.unknown(
                    status, headers, Payload.opaque(body), GeminiUsage.of(cut));
        }
        JsonBytes.joinLines(body);
        byte[] own = JsonBytes.withoutMark(body);
        JsonNode first = root.isArray() && !root.isEmpty() ? root.get(0) : root;
        JsonNode error = first.get("error");
        if (error != null && error.isObject()) {
            return ChatCompletion.error(
                    new GeminiAnswer(first).facts(status, headers, null),
                    ChatCompletion.text(error, "message"),
                    ChatCompletion.text(error, "status"),
                    own);
        }
        boolean answers = first.path("candidates").isArray() || blocked(first) != null;
        return status / 100 != 2 || !answers
                ? ChatCompletion.unknown(
                        status,
                        headers,
                        Payload.json(own),
                        GeminiUsage.of(first.get(GeminiUsage.NAME)))
                : new GeminiAnswer(first).answer(status, headers, own);
    }

    static @Nullable String blocked(JsonNode root) {
        return ChatCompletion.text(root.path("promptFeedback"), "blockReason");
    }

    private Reading answer(int status, Map<String, String> headers, byte[] own) {
        root.path("candidates").forEach(this::candidate);
        String blocked = blocked(root);
        if (choices.isEmpty() && blocked != null) {
            choices.add(new Choice());
            finishes.add("content_filter");
            reasons.add(FinishReason.of(blocked) == FinishReason.REFUSED ? blocked : "blocked");
        }
        if (choices.isEmpty()) {
            return ChatCompletion.unknown(
                    status, headers, Payload.json(own), GeminiUsage.of(root.get(GeminiUsage.NAME)));
        }
        return ChatCompletion.answer(
                facts(status, headers, FinishReason.gravest(reasons)), choices, finishes, own);
    }

    private void candidate(JsonNode candidate) {
        Choice choice = new Choice();
        choices.add(choice);
        for (JsonNode part : candidate.path("content").path("parts")) {
            part(choice, part);
        }
        String reason = ChatCompletion.text(candidate, "finishReason");
        if (reason != null) {
            reasons.add(reason);
        }
        finishes.add(finish(reason, choice));
    }

    void part(Choice choice, JsonNode part) {
        String text = ChatCompletion.text(part, "text");
        JsonNode call = part.get("functionCall");
        if (text != null && part.path("thought").asBoolean(false)) {
            choice.reasoning(text);
        } else if (text != null) {
            choice.text(text);
        } else if (call != null && call.isObject()) {
            call(choice, call, ChatCompletion.text(part, "thoughtSignature"));
        } else if (part.get("thoughtSignature") == null) {
            mended.add(ChatCompletion.UNKNOWN_BLOCKS);
        }
    }

    private void call(Choice choice, JsonNode call, @Nullable String signature) {
        String given = ChatCompletion.text(call, "id");
        String name = ChatCompletion.text(call, "name");
        ObjectNode written =
                choice.call(
                        given == null ? "call_" + id + "_" + choice.calls() : given,
                        name == null ? "" : name,
                        call.get("args"));
        if (signature != null) {
            written.putObject("extra_content")
                    .putObject("google")
                    .put("thought_signature", signature);
        }
    }

    private static String finish(@Nullable String reason, Choice choice) {
        return switch (FinishReason.of(reason)) {
            case CUT -> "length";
            case REFUSED -> "content_filter";
            case WHOLE, UNLISTED, OVERLOADED, FAILED -> choice.calls() > 0 ? "tool_calls" : "stop";
        };
    }

    private ChatCompletion.Facts facts(
            int status, Map<String, String> headers, @Nullable String reason) {
        return new ChatCompletion.Facts(
                status,
                headers,
                ChatCompletion.text(root, "responseId"),
                ChatCompletion.text(root, "modelVersion"),
                reason,
                null,
                GeminiUsage.of(root.get(GeminiUsage.NAME)),
                mended.stream().distinct().toList());
    }
}
