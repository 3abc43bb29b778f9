package dev.gantry.provider.openai;

import dev.gantry.provider.openai.EventStream.Event;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * One answer of the events of a server that streamed although it was told not to: the deltas joined
 * to messages, or the error that stands among them.
 *
 * @param json a chat completion, a completion, or an object with {@code error}
 * @param whole false where the stream ends before its answer does
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record JoinedStream(byte[] json, boolean whole) {
    private static final String DONE = "[DONE]";
    private static final JsonMapper JSON =
            JsonMapper.builder(
                            JsonFactory.builder()
                                    .streamReadConstraints(
                                            StreamReadConstraints.builder()
                                                    .maxNestingDepth(500)
                                                    .maxStringLength(Integer.MAX_VALUE)
                                                    .build())
                                    .build())
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                    .build();

    /** Null where the events are no answer of this dialect. */
    static @Nullable JoinedStream of(List<Event> events) {
        DeltaJoin join = new DeltaJoin();
        boolean done = false;
        for (Event event : events) {
            if (event.data().strip().equals(DONE)) {
                done = true;
                continue;
            }
            ObjectNode chunk = parse(event.data());
            if (chunk == null) {
                // The rest of a line that was cut off; before it, it would be another protocol.
                break;
            }
            if (isError(event, chunk)) {
                return new JoinedStream(JSON.writeValueAsBytes(error(chunk, join)), true);
            }
            join.add(chunk);
        }
        return join.isEmpty()
                ? null
                : new JoinedStream(JSON.writeValueAsBytes(join.answer()), done || join.finished());
    }

    private static boolean isError(Event event, ObjectNode chunk) {
        JsonNode error = chunk.path("error");
        boolean told = !error.isMissingNode() && !error.isNull();
        boolean named =
                "error".equals(event.name()) || chunk.path("type").asString("").equals("error");
        return told || named;
    }

    /** As an error body that is not streamed, with the usage that was told before it. */
    private static ObjectNode error(ObjectNode chunk, DeltaJoin join) {
        ObjectNode error = chunk;
        if (chunk.path("error").isMissingNode()) {
            error = JSON.createObjectNode();
            error.set("error", chunk);
        }
        JsonNode usage = join.usage();
        if (usage != null && error.path("usage").isMissingNode()) {
            error.set("usage", usage);
        }
        return error;
    }

    private static @Nullable ObjectNode parse(String data) {
        byte[] bytes = JsonMending.of(data.getBytes(StandardCharsets.UTF_8)).json();
        try {
            return JSON.readTree(bytes) instanceof ObjectNode object ? object : null;
        } catch (JacksonException e) {
            return null;
        }
    }
}
