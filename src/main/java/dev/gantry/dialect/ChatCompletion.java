package dev.gantry.dialect;

import dev.gantry.inference.Answer;
import dev.gantry.inference.FinishReason;
import dev.gantry.inference.Payload;
import dev.gantry.inference.Usage;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.time.DateTimeException;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;

/** Writes what a provider of another dialect has answered in OpenAI's form. */
public final class ChatCompletion {
    /** What {@link Answer#mended} calls what a translation does not know, and leaves out. */
    public static final String UNKNOWN_BLOCKS = "unknown_blocks";

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private ChatCompletion() {}

    /**
     * What an answer says of itself, in the provider's words.
     *
     * @param finishReason the gravest of its choices'
     * @param mended what of it could not be passed on, in words of ours
     */
    public record Facts(
            int status,
            Map<String, String> headers,
            @Nullable String id,
            @Nullable String model,
            @Nullable String finishReason,
            @Nullable String serviceTier,
            @Nullable Usage usage,
            List<String> mended) {}

    /** One choice in the making. */
    public static final class Choice {
        private final StringBuilder text = new StringBuilder();
        private final StringBuilder reasoning = new StringBuilder();
        private final ArrayNode thinking = NODES.arrayNode();
        private final ArrayNode calls = NODES.arrayNode();
        private final int before;

        public Choice() {
            this(0);
        }

        /**
         * @param before how many calls the choice has made already
         */
        public Choice(int before) {
            this.before = before;
        }

        public void text(String more) {
            text.append(more);
        }

        public void reasoning(String more) {
            reasoning.append(more);
        }

        /** A block of thinking as it came, which its provider wants back with tool results. */
        public void thinking(JsonNode block) {
            thinking.add(block);
        }

        /**
         * Adds the call of a function.
         *
         * @param arguments an object; anything else is passed on as it is
         */
        public ObjectNode call(String id, String name, @Nullable JsonNode arguments) {
            ObjectNode call = calls.addObject().put("id", id).put("type", "function");
            call.putObject("function").put("name", name).put("arguments", written(arguments));
            return call;
        }

        /** How many there are. */
        public int calls() {
            return before + calls.size();
        }

        /** What it holds as a stream's delta; empty: nothing. */
        public ObjectNode delta() {
            ObjectNode delta = NODES.objectNode();
            if (!reasoning.isEmpty()) {
                delta.put("reasoning_content", reasoning.toString());
            }
            if (!text.isEmpty()) {
                delta.put("content", text.toString());
            }
            if (!calls.isEmpty()) {
                ArrayNode list = delta.putArray("tool_calls");
                for (JsonNode each : calls) {
                    list.addObject()
                            .put("index", before + list.size() - 1)
                            .setAll((ObjectNode) each);
                }
            }
            return delta;
        }

        /**
         * @param finish OpenAI's word
         */
        ObjectNode json(int index, String finish) {
            ObjectNode choice = NODES.objectNode().put("index", index);
            ObjectNode message = choice.putObject("message").put("role", "assistant");
            if (text.isEmpty() && calls() > 0) {
                message.putNull("content");
            } else {
                message.put("content", text.toString());
            }
            message.putNull("refusal");
            if (!reasoning.isEmpty()) {
                message.put("reasoning_content", reasoning.toString());
            }
            if (!thinking.isEmpty()) {
                message.set("thinking_blocks", thinking);
            }
            if (calls() > 0) {
                message.set("tool_calls", calls);
            }
            choice.putNull("logprobs");
            return choice.put("finish_reason", finish);
        }
    }

    /** A good answer, or one that was refused or broke off: its choices say which. */
    public static WireFormat.Reading answer(
            Facts facts, List<Choice> choices, List<String> finishes, byte[] own) {
        ObjectNode json = NODES.objectNode();
        json.put("id", facts.id());
        json.put("object", "chat.completion");
        json.put("created", created(facts.headers()));
        json.put("model", facts.model());
        ArrayNode list = json.putArray("choices");
        for (int i = 0; i < choices.size(); i++) {
            list.add(choices.get(i).json(i, finishes.get(i)));
        }
        if (facts.usage() != null) {
            json.set("usage", usage(facts.usage()));
        }
        FinishReason end = FinishReason.of(facts.finishReason());
        boolean good = end.compareTo(FinishReason.UNLISTED) <= 0;
        return new WireFormat.Reading(whole(facts, json, good ? null : Payload.json(own)), good);
    }

    /** An error, whatever its status. */
    public static WireFormat.Reading error(
            Facts facts, @Nullable String message, @Nullable String type, byte[] own) {
        ObjectNode json = NODES.objectNode();
        json.putObject("error")
                .put("message", message)
                .put("type", type)
                .putNull("param")
                .put("code", type);
        return new WireFormat.Reading(whole(facts, json, Payload.json(own)), false);
    }

    /** What is no JSON, or no answer that the dialect knows: passed on as it came. */
    public static WireFormat.Reading unknown(
            int status, Map<String, String> headers, Payload own, @Nullable Usage usage) {
        String requestId = WireNames.requestId(headers);
        return new WireFormat.Reading(
                new Answer(status, own, requestId, null, null, null, null, usage), false);
    }

    /** What has come of an answer that broke off: no JSON, so that nobody takes it for one. */
    static WireFormat.Reading broken(Answer came, byte[] shown) {
        return new WireFormat.Reading(
                new Answer(
                        came.status(),
                        Payload.opaque(shown),
                        came.requestId(),
                        came.responseId(),
                        came.modelServed(),
                        came.finishReason(),
                        came.serviceTier(),
                        came.usage(),
                        came.mended()),
                false);
    }

    /** A stream that nobody asked for, as the answer that was asked for. */
    public static WireFormat.Reading joined(StreamReader stream, byte[] body) {
        stream.take(body, body.length, _ -> {});
        StreamReader.Ended ended = stream.end();
        Answer answer = ended.reading().answer();
        return ended.whole()
                ? new WireFormat.Reading(
                        answer.mended(List.of("event_stream")), ended.reading().good())
                : broken(answer, body);
    }

    /** A call's arguments, or its input, as text; a text is one that its stream did not end. */
    public static String written(@Nullable JsonNode arguments) {
        if (arguments == null) {
            return "{}";
        }
        return arguments.isString() ? arguments.stringValue() : arguments.toString();
    }

    private static Answer whole(Facts facts, ObjectNode json, @Nullable Payload own) {
        return new Answer(
                facts.status(),
                Payload.json(ChatBody.JSON.writeValueAsBytes(json)),
                own,
                WireNames.requestId(facts.headers()),
                WireNames.id(facts.id()),
                WireNames.id(facts.model()),
                WireNames.end(facts.finishReason()),
                WireNames.word(facts.serviceTier()),
                facts.usage(),
                facts.mended());
    }

    /** Of the answer's own date; 0: it has none. */
    static long created(Map<String, String> headers) {
        try {
            return ZonedDateTime.parse(
                            headers.getOrDefault("date", ""), DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toEpochSecond();
        } catch (DateTimeException _) {
            return 0;
        }
    }

    static ObjectNode usage(Usage usage) {
        ObjectNode json = NODES.objectNode();
        json.put("prompt_tokens", usage.input());
        json.put("completion_tokens", usage.output());
        if (usage.input() != null && usage.output() != null) {
            json.put("total_tokens", usage.input() + usage.output());
        }
        ObjectNode input = json.putObject("prompt_tokens_details");
        input.put("cached_tokens", TokenCounts.or(usage.cacheRead(), 0));
        if (usage.cacheWrite() != null) {
            input.put("cache_write_tokens", usage.cacheWrite());
        }
        json.putObject("completion_tokens_details")
                .put("reasoning_tokens", TokenCounts.or(usage.reasoning(), 0));
        return json;
    }

    /** The members of an object as JSON, strictly one value; null: it is none. */
    public static @Nullable JsonNode parse(byte[] body) {
        byte[] text = JsonBytes.withoutMark(body);
        if (!JsonBytes.mayBeJson(text)) {
            return null;
        }
        try {
            return ChatBody.JSON.readTree(text);
        } catch (tools.jackson.core.JacksonException _) {
            return null;
        }
    }

    /** A text of the answer; null: it is none. */
    public static @Nullable String text(JsonNode parent, String name) {
        JsonNode value = parent.get(name);
        return value != null && value.isString() ? value.stringValue() : null;
    }
}
