package dev.gantry.event;

import dev.gantry.inference.Payload;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;

/**
 * One JSON object being written, member by member. Written by hand because each request makes four
 * and a library's generator takes three passes over every name and text.
 */
final class JsonBody {
    /** A power of two. */
    private static final int SPARES = 32;

    /** Larger buffers are left to the collector. */
    private static final int LARGEST_SPARE = 64 << 10;

    /** Bytes of an ASCII character and of one beyond, escaped or not. */
    private static final int LONGEST_CHARACTER = 6;

    private static final int LONGEST_NUMBER = 20;

    private static final byte[] HEX = "0123456789ABCDEF".getBytes(StandardCharsets.ISO_8859_1);

    /** By ASCII character: 0 as it is, {@code u} as its number, else the letter after a slash. */
    private static final byte[] ESCAPES = escapes();

    /** Who finds its place empty makes another. */
    private static final AtomicReferenceArray<JsonBody> SPARE = new AtomicReferenceArray<>(SPARES);

    private byte[] bytes = new byte[4 << 10];
    private int size;

    /** Nothing stands in the innermost object or array yet. */
    private boolean empty;

    private JsonBody() {}

    /** The bytes of an object with these members. */
    static byte[] of(Consumer<JsonBody> members) {
        int place = (int) Thread.currentThread().threadId() & (SPARES - 1);
        JsonBody spare = SPARE.getAndSet(place, null);
        JsonBody body = spare == null ? new JsonBody() : spare;
        body.size = 0;
        body.within('{', members, '}');
        byte[] written = Arrays.copyOf(body.bytes, body.size);
        if (body.bytes.length <= LARGEST_SPARE) {
            SPARE.set(place, body);
        }
        return written;
    }

    JsonBody text(String name, String value) {
        name(name);
        string(value);
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
        name(name);
        if (value < 0) {
            copy(Long.toString(value).getBytes(StandardCharsets.ISO_8859_1));
            return this;
        }
        int digits = 1;
        for (long rest = value; rest > 9; rest /= 10) {
            digits++;
        }
        room(LONGEST_NUMBER);
        Rfc3339.digits(bytes, size, digits, value);
        size += digits;
        return this;
    }

    JsonBody numberIfKnown(String name, @Nullable Number value) {
        return value == null ? this : number(name, value.longValue());
    }

    JsonBody flag(String name, boolean value) {
        return word(name, value ? "true" : "false");
    }

    JsonBody nothing(String name) {
        return word(name, "null");
    }

    JsonBody time(String name, Instant value) {
        name(name);
        put('"');
        copy(Rfc3339.bytes(value));
        put('"');
        return this;
    }

    JsonBody millis(String name, Duration value) {
        return number(name, Math.max(0, value.toMillis()));
    }

    JsonBody object(String name, Consumer<JsonBody> members) {
        name(name);
        return within('{', members, '}');
    }

    /** An object inside an array. */
    JsonBody element(Consumer<JsonBody> members) {
        separate();
        return within('{', members, '}');
    }

    JsonBody array(String name, Consumer<JsonBody> elements) {
        name(name);
        return within('[', elements, ']');
    }

    /** A string inside an array. */
    JsonBody item(String value) {
        separate();
        string(value);
        return this;
    }

    /** Sorted, so that the same event has the same bytes; left out where empty. */
    JsonBody texts(String name, Map<String, String> values) {
        if (values.isEmpty()) {
            return this;
        }
        Map<String, String> sorted = values.size() == 1 ? values : new TreeMap<>(values);
        return object(name, body -> sorted.forEach(body::text));
    }

    /** JSON that is copied as it stands, byte for byte. */
    JsonBody raw(String name, byte[] json) {
        name(name);
        copy(json);
        return this;
    }

    /** A provider's body: JSON as it came, anything else as a string. */
    JsonBody payload(String name, Payload payload) {
        return payload.isJson() ? raw(name, payload.bytes()) : text(name, payload.text());
    }

    private JsonBody within(char opening, Consumer<JsonBody> what, char closing) {
        put(opening);
        empty = true;
        what.accept(this);
        put(closing);
        empty = false;
        return this;
    }

    private JsonBody word(String name, String value) {
        name(name);
        copy(value.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    private void name(String name) {
        separate();
        string(name);
        put(':');
    }

    private void separate() {
        if (!empty) {
            put(',');
        }
        empty = false;
    }

    private void put(char ascii) {
        room(1);
        bytes[size++] = (byte) ascii;
    }

    private void copy(byte[] more) {
        room(more.length);
        System.arraycopy(more, 0, bytes, size, more.length);
        size += more.length;
    }

    private void string(String text) {
        int length = text.length();
        room(length + 2);
        byte[] to = bytes;
        int at = size;
        to[at++] = '"';
        for (int i = 0; i < length; i++) {
            char each = text.charAt(i);
            if (each < ' ' || each > '~' || each == '"' || each == '\\') {
                size = at;
                escaped(text, i);
                return;
            }
            to[at++] = (byte) each;
        }
        to[at++] = '"';
        size = at;
    }

    /** The rest of a string that is not all plain ASCII, and its end. */
    private void escaped(String text, int start) {
        int i = start;
        while (i < text.length()) {
            int each = text.codePointAt(i);
            i += Character.charCount(each);
            room(LONGEST_CHARACTER);
            if (each >= ESCAPES.length) {
                utf8(each);
            } else if (ESCAPES[each] == 0) {
                bytes[size++] = (byte) each;
            } else {
                escape(each);
            }
        }
        put('"');
    }

    private void escape(int ascii) {
        bytes[size++] = '\\';
        bytes[size++] = ESCAPES[ascii];
        if (ESCAPES[ascii] == 'u') {
            bytes[size++] = '0';
            bytes[size++] = '0';
            bytes[size++] = HEX[ascii >> 4];
            bytes[size++] = HEX[ascii & 15];
        }
    }

    private void utf8(int codePoint) {
        // Half a surrogate pair has no UTF-8: one in a message must not cost the whole record.
        int each = Character.getType(codePoint) == Character.SURROGATE ? 0xFFFD : codePoint;
        if (each < 0x800) {
            bytes[size++] = (byte) (0xC0 | each >> 6);
        } else {
            if (each < 0x10000) {
                bytes[size++] = (byte) (0xE0 | each >> 12);
            } else {
                bytes[size++] = (byte) (0xF0 | each >> 18);
                bytes[size++] = (byte) (0x80 | (each >> 12 & 0x3F));
            }
            bytes[size++] = (byte) (0x80 | (each >> 6 & 0x3F));
        }
        bytes[size++] = (byte) (0x80 | (each & 0x3F));
    }

    private void room(int more) {
        if (bytes.length - size < more) {
            grow(Math.addExact(size, more));
        }
    }

    /** Twofold up to what is kept; a large body is in memory elsewhere too, and gets a quarter. */
    private void grow(int least) {
        long length =
                least > LARGEST_SPARE
                        ? Math.min(least + least / 4L, Integer.MAX_VALUE - 8)
                        : Math.min(2 * least, LARGEST_SPARE);
        bytes = Arrays.copyOf(bytes, (int) length);
    }

    private static byte[] escapes() {
        byte[] escapes = new byte[128];
        Arrays.fill(escapes, 0, ' ', (byte) 'u');
        String named = "\bb\tt\nn\ff\rr\"\"\\\\";
        for (int i = 0; i < named.length(); i += 2) {
            escapes[named.charAt(i)] = (byte) named.charAt(i + 1);
        }
        return escapes;
    }
}
