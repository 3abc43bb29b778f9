package dev.gantry.dialect.responses;

import dev.gantry.dialect.ChatBody;
import dev.gantry.dialect.ChatCompletion;
import dev.gantry.dialect.TokenCounts;
import dev.gantry.dialect.WireFormat.Reading;
import dev.gantry.inference.Answer;
import dev.gantry.inference.FinishReason;
import dev.gantry.inference.Payload;
import dev.gantry.inference.RequestBody;
import dev.gantry.inference.Usage;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.util.regex.Pattern;

/** Writes the answer of a chat as a response. Errors have the same form in both. */
final class ResponsesAnswer {
    /** What a response repeats of its request, and what it says where that says nothing. */
    private static final JsonNode REPEATED =
            ChatBody.JSON.readTree(
                    """
                    {
                      "instructions": null,
                      "max_output_tokens": null,
                      "metadata": {},
                      "parallel_tool_calls": true,
                      "reasoning": {"effort": null, "summary": null},
                      "safety_identifier": null,
                      "temperature": null,
                      "text": {"format": {"type": "text"}},
                      "tool_choice": "auto",
                      "tools": [],
                      "top_p": null,
                      "user": null
                    }
                    """);

    /** What an id begins with says of what it was, which is no response. */
    private static final Pattern PREFIXES = Pattern.compile("^(?:msg_|chatcmpl-)+");

    private final JsonNode message;
    private final String name;
    private final ArrayNode output = JsonNodeFactory.instance.arrayNode();

    /**
     * @param message the chat's, and only, one
     * @param name of the answer, from which its items' are made
     */
    private ResponsesAnswer(JsonNode message, String name) {
        this.message = message;
        this.name = name;
    }

    /**
     * The same as a response, if it is an answer at all.
     *
     * @param name of an answer that has none of its provider's
     */
    static Reading of(Reading read, RequestBody request, String name) {
        Answer answer = read.answer();
        JsonNode chat = answer.body().isJson() ? ChatCompletion.parse(answer.body().bytes()) : null;
        JsonNode choice = chat == null ? null : chat.path("choices").get(0);
        if (chat == null
                || choice == null
                || !choice.path("message").isObject()
                || answer.status() / 100 != 2
                || ChatBody.present(chat, "error") != null) {
            return read;
        }
        String id = ChatCompletion.text(chat, "id");
        String bare = id == null ? "" : PREFIXES.matcher(id).replaceFirst("");
        var items = new ResponsesAnswer(choice.path("message"), bare.isEmpty() ? name : bare);
        Payload body =
                Payload.json(
                        ChatBody.JSON.writeValueAsBytes(items.json(chat, choice, answer, request)));
        boolean good = FinishReason.of(answer.finishReason()).compareTo(FinishReason.UNLISTED) <= 0;
        Payload own = read.good() && good ? null : answer.said();
        return new Reading(answer.as(body, own), read.good());
    }

    private ObjectNode json(JsonNode chat, JsonNode choice, Answer answer, RequestBody request) {
        String end = ChatCompletion.text(choice, "finish_reason");
        FinishReason reason = FinishReason.of(end);
        String status =
                switch (reason) {
                    case WHOLE, UNLISTED -> "completed";
                    case CUT, REFUSED -> "incomplete";
                    case OVERLOADED, FAILED -> "failed";
                };
        items(status.equals("failed") ? "incomplete" : status);
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", "resp_" + name).put("object", "response");
        json.put("created_at", chat.path("created").asLong(0));
        json.put("status", status).put("background", false).putNull("error");
        json.putNull("incomplete_details");
        if (status.equals("failed")) {
            json.putObject("error").put("code", "server_error").put("message", end);
        } else if (status.equals("incomplete")) {
            json.putObject("incomplete_details")
                    .put(
                            "reason",
                            reason == FinishReason.CUT ? "max_output_tokens" : "content_filter");
        }
        json.put("model", ChatCompletion.text(chat, "model"));
        json.set("output", output);
        repeat(json, request);
        json.put("service_tier", answer.serviceTier());
        json.putNull("previous_response_id").put("store", false).put("truncation", "disabled");
        json.set("usage", usage(answer.usage()));
        return json;
    }

    private static void repeat(ObjectNode json, RequestBody request) {
        for (var each : REPEATED.properties()) {
            JsonNode said =
                    request.member(each.getKey())
                            .map(member -> ChatBody.read(request, member))
                            .orElse(each.getValue());
            json.set(each.getKey(), said.isNull() ? each.getValue() : said);
        }
    }

    /** Thoughts, what is said, what is called; a model that says nothing has said so. */
    private void items(String status) {
        String thoughts = first("reasoning_content", "reasoning");
        JsonNode blocks = message.path("thinking_blocks");
        if (!thoughts.isEmpty() || !blocks.isEmpty()) {
            ObjectNode item = item("rs", "reasoning");
            ArrayNode summary = item.putArray("summary");
            if (!thoughts.isEmpty()) {
                summary.addObject().put("type", "summary_text").put("text", thoughts);
            }
            if (!blocks.isEmpty()) {
                item.set("thinking_blocks", blocks);
            }
        }
        JsonNode calls = message.path("tool_calls");
        String said = said();
        String refusal = first("refusal");
        if (calls.isEmpty() || !said.isEmpty() || !refusal.isEmpty()) {
            ObjectNode item = item("msg", "message").put("status", status).put("role", "assistant");
            ArrayNode content = item.putArray("content");
            if (!said.isEmpty() || refusal.isEmpty()) {
                ObjectNode text = content.addObject().put("type", "output_text").put("text", said);
                annotations(text.putArray("annotations"));
            }
            if (!refusal.isEmpty()) {
                content.addObject().put("type", "refusal").put("refusal", refusal);
            }
        }
        calls.forEach(each -> call(each, status));
    }

    private ObjectNode item(String prefix, String type) {
        String id = "%s_%s_%d".formatted(prefix, name, output.size());
        return output.addObject().put("id", id).put("type", type);
    }

    private void call(JsonNode call, String status) {
        JsonNode function = call.path("function");
        ObjectNode item = item("fc", "function_call").put("status", status);
        item.put("call_id", call.path("id").asString(""));
        item.put("name", function.path("name").asString(""));
        item.put("arguments", function.path("arguments").asString("{}"));
        JsonNode extra = ChatBody.present(call, "extra_content");
        if (extra != null) {
            item.set("extra_content", extra);
        }
    }

    /** The first of these that is a text; empty: none is. */
    private String first(String... members) {
        for (String each : members) {
            String text = ChatCompletion.text(message, each);
            if (text != null) {
                return text;
            }
        }
        return "";
    }

    /** Some houses answer in parts. */
    private String said() {
        StringBuilder said = new StringBuilder(first("content"));
        if (message.path("content").isArray()) {
            for (JsonNode each : message.path("content")) {
                said.append(each.path("text").asString(""));
            }
        }
        return said.toString();
    }

    private void annotations(ArrayNode written) {
        for (JsonNode each : message.path("annotations")) {
            if (each.path("url_citation") instanceof ObjectNode citation) {
                written.addObject().put("type", "url_citation").setAll(citation);
            }
        }
    }

    private static @Nullable JsonNode usage(@Nullable Usage usage) {
        if (usage == null) {
            return null;
        }
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("input_tokens", usage.input());
        ObjectNode input = json.putObject("input_tokens_details");
        input.put("cached_tokens", TokenCounts.or(usage.cacheRead(), 0));
        if (usage.cacheWrite() != null) {
            input.put("cache_write_tokens", usage.cacheWrite());
        }
        json.put("output_tokens", usage.output());
        json.putObject("output_tokens_details")
                .put("reasoning_tokens", TokenCounts.or(usage.reasoning(), 0));
        if (usage.input() != null && usage.output() != null) {
            json.put("total_tokens", usage.input() + usage.output());
        }
        return json;
    }
}
