package dev.gantry.event;

import dev.gantry.inference.Payload;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JsonEncoding;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.BufferRecycler;
import tools.jackson.core.util.ByteArrayBuilder;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/** One JSON object being written, member by member, into recycled buffers. */
final class JsonBody {
    private static final JsonFactory FACTORY = new JsonFactory();

    private final JsonGenerator generator;

    private JsonBody(JsonGenerator generator) {
        this.generator = generator;
    }

    /** The bytes of an object with these members. */
    static byte[] of(Consumer<JsonBody> members) {
        BufferRecycler recycler = FACTORY._getBufferRecycler();
        try (ByteArrayBuilder bytes = new ByteArrayBuilder(recycler)) {
            try (JsonGenerator generator =
                    FACTORY.createGenerator(ObjectWriteContext.empty(), bytes, JsonEncoding.UTF8)) {
                generator.writeStartObject();
                members.accept(new JsonBody(generator));
                generator.writeEndObject();
            }
            return bytes.getClearAndRelease();
        } finally {
            recycler.releaseToPool();
        }
    }

    JsonBody text(String name, String value) {
        generator.writeName(name);
        generator.writeString(wellFormed(value));
        return this;
    }

    /** Left out where it is not known. */
    JsonBody textIfKnown(String name, @Nullable String value) {
        return value == null ? this : text(name, value);
    }

    /** Null where it is not known: members that readers may count on. */
    JsonBody textOrNull(String name, @Nullable String value) {
        return value == null ? nothing(name) : text(name, value);
    }

    JsonBody number(String name, long value) {
        generator.writeName(name);
        generator.writeNumber(value);
        return this;
    }

    JsonBody numberIfKnown(String name, @Nullable Number value) {
        return value == null ? this : number(name, value.longValue());
    }

    JsonBody flag(String name, boolean value) {
        generator.writeName(name);
        generator.writeBoolean(value);
        return this;
    }

    JsonBody nothing(String name) {
        generator.writeName(name);
        generator.writeNull();
        return this;
    }

    JsonBody time(String name, Instant value) {
        return text(name, Rfc3339.of(value));
    }

    JsonBody millis(String name, Duration value) {
        return number(name, Math.max(0, value.toMillis()));
    }

    JsonBody object(String name, Consumer<JsonBody> members) {
        generator.writeName(name);
        return element(members);
    }

    /** An object inside an array. */
    JsonBody element(Consumer<JsonBody> members) {
        generator.writeStartObject();
        members.accept(this);
        generator.writeEndObject();
        return this;
    }

    JsonBody array(String name, Consumer<JsonBody> elements) {
        generator.writeName(name);
        generator.writeStartArray();
        elements.accept(this);
        generator.writeEndArray();
        return this;
    }

    /** A string inside an array. */
    JsonBody item(String value) {
        generator.writeString(wellFormed(value));
        return this;
    }

    /** Sorted, so that the same event has the same bytes; left out where empty. */
    JsonBody texts(String name, Map<String, String> values) {
        if (values.isEmpty()) {
            return this;
        }
        Map<String, String> sorted = values.size() == 1 ? values : new TreeMap<>(values);
        return object(
                name, body -> sorted.forEach((key, value) -> body.text(wellFormed(key), value)));
    }

    /** JSON that is copied as it stands, byte for byte. */
    JsonBody raw(String name, byte[] json) {
        generator.writeName(name);
        generator.writeRawValue(new RawJson(json));
        return this;
    }

    /** A provider's body: JSON as it came, anything else as a string. */
    JsonBody payload(String name, Payload payload) {
        return payload.isJson() ? raw(name, payload.bytes()) : text(name, payload.text());
    }

    /** Half a surrogate pair has no UTF-8: one in a message must not cost the whole record. */
    private static String wellFormed(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                return repaired(text);
            }
        }
        return text;
    }

    private static String repaired(String text) {
        StringBuilder repaired = new StringBuilder(text.length());
        text.codePoints()
                .map(each -> Character.getType(each) == Character.SURROGATE ? 0xFFFD : each)
                .forEach(repaired::appendCodePoint);
        return repaired.toString();
    }
}
