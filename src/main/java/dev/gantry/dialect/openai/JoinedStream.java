package dev.gantry.dialect.openai;

import dev.gantry.dialect.openai.EventStream.Event;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.nio.charset.StandardCharsets;

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
            JsonMapper.builder(BodyFacts.JSON)
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                    .build();

    /** Null where the events are no answer of this dialect. */
    static @Nullable JoinedStream of(byte[] body) {
        Reading reading = new Reading();
        EventStream.read(body, reading::take);
        return reading.joined();
    }

    /** The events so far. */
    private static final class Reading {
        private final DeltaJoin join = new DeltaJoin();
        private @Nullable ObjectNode error;
        private boolean done;

        /** The last piece could not be read: a gap if the answer goes on behind it. */
        private boolean unread;

        private boolean gap;

        void take(Event event) {
            String data = event.data().strip();
            if (error != null || data.equals(DONE)) {
                done = true;
                return;
            }
            ObjectNode chunk = parse(data);
            if (chunk == null) {
                // What does not even begin like one is no piece: a time, a word, another's ping.
                unread |= data.startsWith("{");
            } else if (isError(event, chunk)) {
                error = error(chunk, join);
            } else {
                gap |= unread && !chunk.path("choices").isEmpty();
                join.add(chunk);
            }
        }

        @Nullable JoinedStream joined() {
            if (error != null) {
                return new JoinedStream(JSON.writeValueAsBytes(error), true);
            }
            boolean whole = !gap && (done || join.finished());
            return join.isEmpty()
                    ? null
                    : new JoinedStream(JSON.writeValueAsBytes(join.answer()), whole);
        }
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
        byte[] bytes = data.getBytes(StandardCharsets.UTF_8);
        ObjectNode strict = tree(bytes);
        return strict == null ? tree(JsonMending.of(bytes).json()) : strict;
    }

    private static @Nullable ObjectNode tree(byte[] bytes) {
        try {
            return JSON.readTree(bytes) instanceof ObjectNode object ? object : null;
        } catch (JacksonException e) {
            return null;
        }
    }
}
