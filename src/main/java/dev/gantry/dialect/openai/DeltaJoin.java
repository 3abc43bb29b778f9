package dev.gantry.dialect.openai;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;

import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
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

    /** Those that came in deltas: a message beside them is the text so far once more. */
    private final Set<Integer> cut = new HashSet<>();

    /** Texts that grow, by the object and the member in which they will stand. */
    private final IdentityHashMap<ObjectNode, Map<String, StringBuilder>> texts =
            new IdentityHashMap<>();

    private @Nullable JsonNode usage;

    void add(ObjectNode chunk) {
        // Some gateways have the usage in a member of their own.
        for (JsonNode told : List.of(chunk.path("x_groq").path("usage"), chunk.path("usage"))) {
            if (told.isObject()) {
                usage = told;
            }
        }
        if (!chunk.path("choices").isArray()) {
            return;
        }
        chunk.forEachEntry(
                (name, value) -> {
                    if (name.equals("choices")) {
                        value.forEach(this::choice);
                    } else if (!value.isNull() && !answer.has(name)) {
                        answer.set(name, value);
                    }
                });
    }

    /** More of the only choice's content; false: that has not begun to grow. */
    boolean append(String content) {
        ObjectNode only = choices.size() == 1 ? choices.values().iterator().next() : null;
        Map<String, StringBuilder> grown =
                only != null && only.path("message") instanceof ObjectNode message
                        ? texts.get(message)
                        : null;
        StringBuilder text = grown == null ? null : grown.get("content");
        if (text == null) {
            return false;
        }
        text.append(content);
        return true;
    }

    /** Whether there was no choice at all: then it was no completion. */
    boolean isEmpty() {
        return choices.isEmpty();
    }

    /** Whether each choice says why it ended. */
    boolean finished() {
        return choices.values().stream()
                .noneMatch(choice -> choice.path("finish_reason").asString("").isBlank());
    }

    /** The last that was told. */
    @Nullable JsonNode usage() {
        return usage;
    }

    ObjectNode answer() {
        texts.forEach(
                (object, grown) ->
                        grown.forEach((name, text) -> object.put(name, text.toString())));
        ArrayNode all = answer.putArray("choices");
        for (ObjectNode choice : choices.values()) {
            // The index belongs to the stream's form of a call, not to the message's.
            choice.path("message").path("tool_calls").forEach(DeltaJoin::withoutIndex);
            all.add(choice);
        }
        if (answer.path("object").asString("").equals("chat.completion.chunk")) {
            answer.put("object", "chat.completion");
        }
        if (usage != null) {
            answer.set("usage", usage);
        }
        return answer;
    }

    private void choice(JsonNode part) {
        int index = part.path("index").asInt(0);
        ObjectNode choice = choices.computeIfAbsent(index, DeltaJoin::begin);
        if (part.path("delta").isObject()) {
            cut.add(index);
            message(choice, part.path("delta"));
        } else if (part.path("message").isObject() && !cut.contains(index)) {
            choice.set("message", part.path("message").deepCopy());
        }
        part.forEachEntry(
                (name, value) -> {
                    boolean ended = !value.asString("").isBlank();
                    switch (name) {
                        case "index", "delta", "message" -> {}
                        case "finish_reason" -> {
                            if (ended || !choice.has(name)) {
                                choice.set(name, ended ? value : NullNode.getInstance());
                            }
                        }
                        default -> merge(choice, name, value);
                    }
                });
    }

    private static ObjectNode begin(int index) {
        return JsonNodeFactory.instance.objectNode().put("index", index);
    }

    private void message(ObjectNode choice, JsonNode delta) {
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
    private void toolCall(ObjectNode message, JsonNode part) {
        ArrayNode calls =
                message.path("tool_calls") instanceof ArrayNode array
                        ? array
                        : message.putArray("tool_calls");
        ObjectNode call = null;
        for (JsonNode each : calls) {
            if (each instanceof ObjectNode begun && continues(begun, part)) {
                call = begun;
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
        if (call instanceof ObjectNode object) {
            object.remove("index");
        }
    }

    private void merge(ObjectNode into, String name, JsonNode value) {
        JsonNode before = into.path(name);
        if (value.isNull()) {
            if (before.isMissingNode()) {
                into.set(name, value);
            }
        } else if (value.isObject()) {
            grown(into, name);
            ObjectNode object = object(into, name);
            value.forEachEntry((inner, part) -> merge(object, inner, part));
        } else if (before instanceof ArrayNode array) {
            // Content that began in parts may go on as plain text.
            (value.isArray() ? value : textPart(value)).forEach(array::add);
        } else if (value.isString() && before.isString() && !NAMES.contains(name)) {
            texts.computeIfAbsent(into, _ -> new HashMap<>())
                    .computeIfAbsent(name, _ -> new StringBuilder(before.asString()))
                    .append(value.asString());
        } else {
            grown(into, name);
            into.set(name, value.deepCopy());
        }
    }

    /** What follows is no text: it takes the place of what has grown there. */
    private void grown(ObjectNode into, String name) {
        Map<String, StringBuilder> here = texts.get(into);
        if (here != null) {
            here.remove(name);
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
