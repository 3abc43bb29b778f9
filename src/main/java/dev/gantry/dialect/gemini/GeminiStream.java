package dev.gantry.dialect.gemini;

import dev.gantry.dialect.ChatCompletion;
import dev.gantry.dialect.ChatCompletion.Choice;
import dev.gantry.dialect.TranslatedStream;
import dev.gantry.dialect.WireFormat.Reading;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.util.Map;
import java.util.TreeMap;

/**
 * Reads a stream of streamGenerateContent: each event is an answer with what has come since the
 * last, and with counts so far.
 */
final class GeminiStream extends TranslatedStream {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final String TEXT = "text";
    private static final String THOUGHT = "thought";

    private final ObjectNode merged = NODES.objectNode();
    private final Map<Integer, Candidate> candidates = new TreeMap<>();

    /** Reads parts; null before the first answer. */
    private @Nullable GeminiAnswer parts;

    /** A candidate as it would stand in an answer that is not streamed, but for its content. */
    private static final class Candidate {
        private final ObjectNode json = NODES.objectNode();
        private final ArrayNode parts = NODES.arrayNode();
        private final StringBuilder grown = new StringBuilder();

        /** The last part, if it is a text that may go on; null: it is not. */
        private @Nullable ObjectNode text;

        private int calls;

        /** A text of many pieces takes no more memory than one. */
        void add(JsonNode part) {
            ObjectNode more = plainText(part);
            ObjectNode last = text;
            if (more == null || last == null || !more.path(THOUGHT).equals(last.path(THOUGHT))) {
                settle();
                parts.add(part);
                text = more;
            }
            if (more != null) {
                grown.append(more.path(TEXT).asString(""));
            }
        }

        private static @Nullable ObjectNode plainText(JsonNode part) {
            return part instanceof ObjectNode object
                            && object.path(TEXT).isString()
                            && object.size() == (object.has(THOUGHT) ? 2 : 1)
                    ? object
                    : null;
        }

        private void settle() {
            if (text != null) {
                text.put(TEXT, grown.toString());
                grown.setLength(0);
                text = null;
            }
        }

        boolean ended() {
            return json.path("finishReason").isString();
        }

        ObjectNode whole() {
            settle();
            json.putObject("content").put("role", "model").set("parts", parts);
            return json;
        }
    }

    GeminiStream(boolean usageWanted, int status, Map<String, String> headers) {
        super(usageWanted, status, headers);
    }

    @Override
    protected void event(@Nullable String name, JsonNode data) {
        if (data.isArray()) {
            data.forEach(this::answer);
        } else {
            answer(data);
        }
    }

    private void answer(JsonNode data) {
        if (!(data instanceof ObjectNode answer)) {
            unknown();
        } else if (answer.path("error").isObject()) {
            if (merged.has(GeminiUsage.NAME) && !answer.has(GeminiUsage.NAME)) {
                answer.set(GeminiUsage.NAME, merged.get(GeminiUsage.NAME));
            }
            fail(answer);
        } else {
            merge(answer);
        }
    }

    private void merge(ObjectNode answer) {
        if (parts == null) {
            parts = new GeminiAnswer(answer);
            name(
                    ChatCompletion.text(answer, "responseId"),
                    ChatCompletion.text(answer, "modelVersion"));
        }
        GeminiAnswer reading = parts;
        answer.forEachEntry(
                (member, value) -> {
                    if (member.equals("candidates")) {
                        value.forEach(each -> candidate(reading, each));
                    } else if (!value.isNull()
                            && !(member.equals("responseId") && merged.has(member))) {
                        merged.set(member, value);
                    }
                });
    }

    private void candidate(GeminiAnswer reading, JsonNode piece) {
        int index = piece.path("index").asInt(0);
        Candidate candidate = candidates.computeIfAbsent(index, _ -> new Candidate());
        Choice said = new Choice(candidate.calls);
        for (JsonNode part : piece.path("content").path("parts")) {
            reading.part(said, part);
            candidate.add(part);
        }
        candidate.calls = said.calls();
        piece.forEachEntry(
                (member, value) -> {
                    if (!member.equals("content") && !value.isNull()) {
                        candidate.json.set(member, value);
                    }
                });
        delta(index, said.delta());
    }

    @Override
    protected boolean ended() {
        return candidates.isEmpty()
                ? GeminiAnswer.blocked(merged) != null
                : candidates.values().stream().allMatch(Candidate::ended);
    }

    @Override
    protected @Nullable ObjectNode joined() {
        if (parts == null) {
            return null;
        }
        if (!candidates.isEmpty()) {
            ArrayNode list = merged.putArray("candidates");
            candidates.values().forEach(each -> list.add(each.whole()));
        }
        return merged;
    }

    @Override
    protected Reading read(int status, Map<String, String> headers, byte[] own) {
        return GeminiAnswer.read(status, headers, own);
    }
}
