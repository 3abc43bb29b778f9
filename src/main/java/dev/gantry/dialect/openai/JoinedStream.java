package dev.gantry.dialect.openai;

import dev.gantry.dialect.EventStream;
import dev.gantry.dialect.EventStream.Event;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.nio.charset.StandardCharsets;
import java.util.Set;

/**
 * One answer of the events of a server that streamed although it was told not to: the deltas joined
 * to messages, or the error that stands among them.
 *
 * @param json a chat completion, a completion, a response, or an object with {@code error}
 * @param whole false where the stream ends before its answer does
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record JoinedStream(byte[] json, boolean whole) {
    private static final String DONE = "[DONE]";

    /** How types of events begin in the Responses API, and how the last one's goes on. */
    private static final String RESPONSE = "response.";

    private static final Set<String> ENDS = Set.of("completed", "incomplete", "failed");

    private static final int LONGEST_MARKER = 32;
    private static final JsonMapper JSON =
            JsonMapper.builder(BodyFacts.JSON)
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
                    .build();

    /** Null where the events are no answer of this dialect. */
    static @Nullable JoinedStream of(byte[] body) {
        var joining = new Joining();
        var events = new EventStream();
        events.take(body, body.length, joining::take);
        events.end(joining::take);
        return joining.joined();
    }

    /**
     * One event that is a piece of the answer.
     *
     * @param json as it came, or mended
     * @param says whether there is more to it than the opening of a message: a text, a call, an end
     * @param usageOnly whether it tells nothing but what the answer takes
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Piece(byte[] json, boolean says, boolean usageOnly) {
        private static Piece of(Parsed parsed) {
            JsonNode choices = parsed.chunk().path("choices");
            boolean says = parsed.chunk().path("type").asString("").endsWith(".delta");
            for (JsonNode choice : choices) {
                says |= says(choice);
            }
            boolean usage = choices.isEmpty() && parsed.chunk().path("usage").isObject();
            return new Piece(parsed.json(), says, usage);
        }

        private static boolean says(JsonNode choice) {
            boolean told =
                    !blank(choice.path("text"))
                            || !blank(choice.path("message"))
                            || !blank(choice.path("finish_reason"));
            for (var member : choice.path("delta").properties()) {
                told |= !member.getKey().equals("role") && !blank(member.getValue());
            }
            return told;
        }
    }

    static boolean blank(JsonNode value) {
        return value.isContainer()
                ? value.isEmpty()
                : value.isMissingNode() || value.isNull() || value.asString("").isEmpty();
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Parsed(ObjectNode chunk, byte[] json) {}

    /** The events so far. */
    static final class Joining {
        private final DeltaJoin join = new DeltaJoin();
        private @Nullable ObjectNode error;

        /** The Responses API tells the whole of it at the end. */
        private @Nullable ObjectNode response;

        private boolean done;

        /** What the last piece had the form of; null: one of its own. */
        private @Nullable RepeatedDelta form;

        /** The last piece could not be read: a gap if the answer goes on behind it. */
        private boolean unread;

        private boolean gap;

        /** Null: the event is no piece of the answer. */
        @Nullable Piece take(Event event) {
            String more = form == null || unread ? null : form.text(event.data());
            if (more != null && event.name() == null && error == null && join.append(more)) {
                return new Piece(event.data(), true, false);
            }
            String marker = event.data().length > LONGEST_MARKER ? "" : text(event.data());
            if (error != null || marker.equals(DONE)) {
                done = true;
                return null;
            }
            Parsed piece = parse(event.data());
            if (piece == null) {
                // What does not even begin like one is no piece: a time, a word, another's ping.
                unread |= event.data()[0] == '{';
            } else if (isError(event, piece.chunk())) {
                error = error(piece.chunk(), join);
            } else if (piece.chunk().path("type").asString("").startsWith(RESPONSE)) {
                return responded(piece);
            } else {
                gap |= unread && !piece.chunk().path("choices").isEmpty();
                join.add(piece.chunk());
                form = RepeatedDelta.of(piece.chunk(), piece.json());
                return piece.chunk().path("choices").isArray() ? Piece.of(piece) : null;
            }
            return null;
        }

        /** One that has failed is an error, and no piece. */
        private @Nullable Piece responded(Parsed piece) {
            String type = piece.chunk().get("type").stringValue();
            boolean ends = ENDS.contains(type.substring(RESPONSE.length()));
            if (ends && piece.chunk().get("response") instanceof ObjectNode whole) {
                response = whole;
            }
            return type.equals(RESPONSE + "failed") ? null : Piece.of(piece);
        }

        /** Whether the last event has come. */
        boolean done() {
            return done;
        }

        /** Whether each choice so far says why it ended. */
        boolean finished() {
            return response != null || (!join.isEmpty() && join.finished());
        }

        @Nullable JoinedStream joined() {
            if (error != null) {
                return new JoinedStream(JSON.writeValueAsBytes(error), true);
            }
            if (response != null) {
                return new JoinedStream(JSON.writeValueAsBytes(response), true);
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

    private static String text(byte[] data) {
        return new String(data, StandardCharsets.UTF_8).strip();
    }

    private static @Nullable Parsed parse(byte[] data) {
        ObjectNode strict = tree(data);
        if (strict != null) {
            return new Parsed(strict, data);
        }
        JsonMending.Mended mended = JsonMending.of(data);
        ObjectNode lenient = mended.mends().isEmpty() ? null : tree(mended.json());
        return lenient == null ? null : new Parsed(lenient, mended.json());
    }

    private static @Nullable ObjectNode tree(byte[] bytes) {
        try {
            return JSON.readTree(bytes) instanceof ObjectNode object ? object : null;
        } catch (JacksonException e) {
            return null;
        }
    }
}
