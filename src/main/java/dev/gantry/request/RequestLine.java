package dev.gantry.request;

import dev.gantry.inference.IdRule;
import dev.gantry.operation.Operations;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.exc.StreamConstraintsException;

import java.util.Locale;

/**
 * What a request line says about its identity, and whether there is such an operation, read as a
 * worker reads it, for those who want to know before it is sent; all else in it is for {@link
 * RequestDecoder}.
 */
public sealed interface RequestLine {
    /**
     * It can be named.
     *
     * @param batchId {@code gantry.batch_id}, null where the line names none
     */
    record Legible(String customId, @Nullable String batchId) implements RequestLine {}

    /** The reason is for people: it names the member, its value and what is allowed. */
    record Illegible(String reason) implements RequestLine {}

    /** It is in another encoding than UTF-8, and the file that it stands in is likely to be. */
    record Foreign(String encoding) implements RequestLine {}

    static RequestLine parse(byte[] line) {
        String encoding = Utf8Check.foreign(line);
        if (encoding != null) {
            return new Foreign(encoding);
        }
        try (JsonParser parser = new JsonText(line).parser()) {
            return new Reading(parser).line();
        } catch (StreamConstraintsException e) {
            return new Illegible("is more than a worker reads: " + e.getOriginalMessage());
        } catch (JacksonException e) {
            return new Illegible(broken(line, e));
        }
    }

    private static String broken(byte[] line, JacksonException cause) {
        int position = Utf8Check.broken(line);
        return position < 0
                ? "is not JSON: " + cause.getOriginalMessage()
                : String.format(
                        Locale.ROOT,
                        "is not UTF-8: byte 0x%02X at position %d",
                        line[position],
                        position + 1);
    }

    /** One pass over one line. */
    final class Reading {
        private final JsonParser parser;
        private @Nullable String customId;
        private @Nullable String batchId;
        private boolean terms;
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
            } else if (name.equals("url")) {
                readUrl(value);
            } else if (name.equals("gantry")) {
                readGantry(value);
            } else {
                parser.skipChildren();
            }
        }

        private void readCustomId(JsonToken value) {
            if (value != JsonToken.VALUE_STRING) {
                refuse("custom_id is not text: allowed are " + IdRule.CUSTOM_ID);
                parser.skipChildren();
            } else if (customId != null) {
                refuse("has custom_id twice");
            } else {
                customId = parser.getString();
                if (!IdRule.isCustomId(customId)) {
                    refuse(
                            "custom_id \"%s\" is not allowed: allowed are %s"
                                    .formatted(JsonText.shorten(customId), IdRule.CUSTOM_ID));
                }
            }
        }

        private void readUrl(JsonToken value) {
            if (value == JsonToken.VALUE_STRING) {
                String url = parser.getString();
                if (Operations.of(url).isEmpty()) {
                    refuse(
                            "url \"%s\" is not %s"
                                    .formatted(JsonText.shorten(url), Operations.ALLOWED));
                }
            } else if (value != JsonToken.VALUE_NULL) {
                refuse("url is not text: it is " + Operations.ALLOWED);
                parser.skipChildren();
            }
        }

        private void readGantry(JsonToken value) {
            if (terms) {
                refuse("has gantry twice");
            }
            terms = true;
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
                    readBatchId(parser.getString());
                } else if (batch && inner != JsonToken.VALUE_NULL) {
                    refuse("gantry.batch_id is not text: allowed are " + IdRule.BATCH_ID);
                }
                parser.skipChildren();
            }
        }

        private void readBatchId(String id) {
            if (batchId != null) {
                refuse("has gantry.batch_id twice");
            }
            batchId = id;
        }

        private void refuse(String why) {
            reason = reason == null ? why : reason;
        }
    }
}
