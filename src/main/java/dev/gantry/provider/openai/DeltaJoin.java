package dev.gantry.provider.openai;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Joins the chunks of a streamed (chat) completion to the object it would have been unstreamed. */
final class DeltaJoin {
    /** Texts that name something come whole, and may come again with each delta. */
    private static final Set<String> NAMES =
            Set.of("role", "id", "type", "name", "finish_reason", "format", "signature");

    private final ObjectNode answer = JsonNodeFactory.instance.objectNode();

    /** By their index; a server may send them in turns. */
    private final Map<Integer, ObjectNode> choices = new TreeMap<>();

    void add(ObjectNode chunk) {
        chunk.forEachEntry(
                (name, value) -> {
                    if (name.equals("choices")) {
                        value.forEach(this::choice);
                    } else if (!value.isNull() && (name.equals("usage") || !answer.has(name))) {
                        answer.set(name, value);
                    }
                });
    }

    /** Whether there was no choice at all: then it was no completion. */
    boolean isEmpty() {
        return choices.isEmpty();
    }

    /** Whether each choice says why it ended. */
    boolean finished() {
        return choices.values().stream().allMatch(choice -> choice.hasNonNull("finish_reason"));
    }

    /** The last that was told; some gateways have it in a member of their own. */
    @Nullable JsonNode usage() {
        JsonNode usage = answer.path("usage");
        JsonNode groq = answer.path("x_groq").path("usage");
        if (usage.isObject()) {
            return usage;
        }
        return groq.isObject() ? groq : null;
    }

    ObjectNode answer() {
        ArrayNode all = answer.putArray("choices");
        for (ObjectNode choice : choices.values()) {
            // The index belongs to the stream's form of a call, not to the message's.
            choice.path("message").path("tool_calls").forEach(DeltaJoin::withoutIndex);
            all.add(choice);
        }
        if (answer.path("object").asString("").equals("chat.completion.chunk")) {
            answer.put("object", "chat.completion");
        }
        JsonNode usage = usage();
        if (usage != null) {
            answer.set("usage", usage);
        }
        return answer;
    }

    private void choice(JsonNode part) {
        int index = part.path("index").asInt(0);
        ObjectNode choice = choices.computeIfAbsent(index, DeltaJoin::begin);
        part.forEachEntry(
                (name, value) -> {
                    switch (name) {
                        case "index" -> {}
                        case "delta", "message" -> message(choice, value);
                        default -> merge(choice, name, value);
                    }
                });
    }

    private static ObjectNode begin(int index) {
        return JsonNodeFactory.instance.objectNode().put("index", index);
    }

    private static void message(ObjectNode choice, JsonNode delta) {
        ObjectNode message = object(choice, "message");
        if (!message.has("role")) {
            message.put("role", "assistant").putNull("content");
        }
        delta.forEachEntry(
                (name, value) -> {
                    if (name.equals("tool_calls") && value.isArray()) {
                        value.forEach(call -> toolCall(message, call));
                    } else {
                        merge(message, name, value);
                    }
                });
    }

    /** A call goes on under its index; without one, an id that is new begins the next. */
    private static void toolCall(ObjectNode message, JsonNode part) {
        ArrayNode calls =
                message.path("tool_calls") instanceof ArrayNode array
                        ? array
                        : message.putArray("tool_calls");
        ObjectNode call = null;
        for (JsonNode each : calls) {
            if (continues((ObjectNode) each, part)) {
                call = (ObjectNode) each;
            }
        }
        if (call == null) {
            call = calls.addObject();
        }
        ObjectNode target = call;
        part.forEachEntry((name, value) -> merge(target, name, value));
    }

    private static boolean continues(ObjectNode call, JsonNode part) {
        if (part.has("index")) {
            return call.path("index").equals(part.path("index"));
        }
        String id = part.path("id").asString("");
        return id.isEmpty() || call.path("id").asString("").equals(id);
    }

    private static void withoutIndex(JsonNode call) {
        ((ObjectNode) call).remove("index");
    }

    private static void merge(ObjectNode into, String name, JsonNode value) {
        JsonNode before = into.path(name);
        if (value.isNull()) {
            if (before.isMissingNode()) {
                into.set(name, value);
            }
        } else if (value.isObject()) {
            ObjectNode object = object(into, name);
            value.forEachEntry((inner, part) -> merge(object, inner, part));
        } else if (before instanceof ArrayNode array) {
            // Content that began in parts may go on as plain text.
            (value.isArray() ? value : textPart(value)).forEach(array::add);
        } else if (value.isString() && before.isString() && !NAMES.contains(name)) {
            into.put(name, before.asString() + value.asString());
        } else {
            into.set(name, value.deepCopy());
        }
    }

    private static ArrayNode textPart(JsonNode text) {
        ArrayNode parts = JsonNodeFactory.instance.arrayNode();
        parts.addObject().put("type", "text").set("text", text);
        return parts;
    }

    private static ObjectNode object(ObjectNode into, String name) {
        return into.path(name) instanceof ObjectNode object ? object : into.putObject(name);
    }
}
