package dev.gantry.cli;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** What a request line says about its identity; all else in it is the worker's to judge. */
sealed interface RequestLine {
    /**
     * It can be named.
     *
     * @param batchId {@code gantry.batch_id}, null where the line names none
     */
    record Legible(String customId, @Nullable String batchId) implements RequestLine {}

    /** The reason is for people: it names the member, its value and what is allowed. */
    record Illegible(String reason) implements RequestLine {}

    static RequestLine parse(byte[] line) {
        try (JsonParser parser = Reading.JSON.createParser(ObjectReadContext.empty(), line)) {
            return new Reading(parser).line();
        } catch (JacksonException e) {
            return new Illegible("is not JSON: " + e.getOriginalMessage());
        }
    }

    /** One pass over one line. */
    final class Reading {
        private static final JsonFactory JSON = new JsonFactory();

        private final JsonParser parser;
        private @Nullable String customId;
        private @Nullable String batchId;
        private @Nullable String reason;

        private Reading(JsonParser parser) {
            this.parser = parser;
        }

        private RequestLine line() {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return new Illegible("is not a JSON object; each line holds one request");
            }
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                member(parser.currentName());
            }
            if (parser.nextToken() != null) {
                return new Illegible("holds more than one JSON object; each line holds one");
            }
            if (reason == null && customId == null) {
                reason = "has no custom_id; it is required";
            }
            return reason == null && customId != null
                    ? new Legible(customId, batchId)
                    : new Illegible(String.valueOf(reason));
        }

        private void member(String name) {
            JsonToken value = parser.nextToken();
            if (name.equals("custom_id")) {
                readCustomId(value);
            } else if (name.equals("gantry")) {
                readGantry(value);
            } else {
                parser.skipChildren();
            }
        }

        private void readCustomId(JsonToken value) {
            if (value != JsonToken.VALUE_STRING) {
                refuse("custom_id is not text: allowed are " + CustomId.ALLOWED);
                parser.skipChildren();
            } else if (customId != null) {
                refuse("has custom_id twice");
            } else {
                customId = parser.getString();
                if (!CustomId.isValid(customId)) {
                    refuse(
                            "custom_id %s is not allowed: allowed are %s"
                                    .formatted(CustomId.quoted(customId), CustomId.ALLOWED));
                }
            }
        }

        private void readGantry(JsonToken value) {
            if (value == JsonToken.VALUE_NULL) {
                return;
            }
            if (value != JsonToken.START_OBJECT) {
                refuse("gantry is not an object");
                parser.skipChildren();
                return;
            }
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                boolean batch = parser.currentName().equals("batch_id");
                JsonToken inner = parser.nextToken();
                if (batch && inner == JsonToken.VALUE_STRING) {
                    batchId = parser.getString();
                } else if (batch && inner != JsonToken.VALUE_NULL) {
                    refuse("gantry.batch_id is not text: allowed are " + BatchId.ALLOWED);
                }
                parser.skipChildren();
            }
        }

        private void refuse(String why) {
            reason = reason == null ? why : reason;
        }
    }
}
