package dev.gantry.dialect;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.databind.JsonNode;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What must hold of bytes before, and after, a JSON parser has looked at them. */
public final class JsonBytes {
    /** Eight bytes at a time, in whatever order. */
    private static final VarHandle EIGHT =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private static final long HIGH_BITS = 0x8080808080808080L;
    private static final long BLANKS = 0x2020202020202020L;

    private JsonBytes() {}

    /** Some servers put a byte order mark first; inside a JSONL file it would be an error. */
    public static byte[] withoutMark(byte[] bytes) {
        boolean marked =
                bytes.length >= 3
                        && bytes[0] == (byte) 0xEF
                        && bytes[1] == (byte) 0xBB
                        && bytes[2] == (byte) 0xBF;
        return marked ? Arrays.copyOfRange(bytes, 3, bytes.length) : bytes;
    }

    /** Rules out what the parser would let pass: UTF-16, and broken UTF-8 in skipped strings. */
    public static boolean mayBeJson(byte[] bytes) {
        for (int i = 0; i < Math.min(4, bytes.length); i++) {
            if (bytes[i] == 0) {
                return false;
            }
        }
        return bytes.length > 0 && isUtf8(bytes);
    }

    /** Makes one line of well-formed JSON. */
    public static void joinLines(byte[] json) {
        int at = 0;
        while (at < json.length) {
            if (at + Long.BYTES <= json.length && !holdsControl((long) EIGHT.get(json, at))) {
                at += Long.BYTES;
                continue;
            }
            if (json[at] == '\n' || json[at] == '\r') {
                json[at] = ' ';
            }
            at++;
        }
    }

    /** Whether any of eight bytes is below a blank. */
    private static boolean holdsControl(long eight) {
        return ((eight - BLANKS) & ~eight & HIGH_BITS) != 0;
    }

    /**
     * The last value under a name, of JSON that may be broken before or behind it: inside a text
     * the name would stand between escaped marks. Null: there is none that can be read.
     */
    public static @Nullable JsonNode last(byte[] json, String name) {
        byte[] quoted = ('"' + name + '"').getBytes(StandardCharsets.UTF_8);
        for (int at = json.length - quoted.length; at > 0; at--) {
            if (json[at - 1] != '\\'
                    && Arrays.equals(json, at, at + quoted.length, quoted, 0, quoted.length)) {
                return value(json, at + quoted.length);
            }
        }
        return null;
    }

    private static @Nullable JsonNode value(byte[] json, int from) {
        int at = from;
        while (at < json.length && (json[at] == ':' || Character.isWhitespace(json[at]))) {
            at++;
        }
        try (JsonParser parser = ChatBody.JSON.createParser(json, at, json.length - at)) {
            return parser.nextToken() == null ? null : parser.readValueAsTree();
        } catch (JacksonException _) {
            return null;
        }
    }

    public static boolean isUtf8(byte[] bytes) {
        int ascii = 0;
        while (ascii + Long.BYTES <= bytes.length
                && ((long) EIGHT.get(bytes, ascii) & HIGH_BITS) == 0) {
            ascii += Long.BYTES;
        }
        while (ascii < bytes.length && bytes[ascii] >= 0) {
            ascii++;
        }
        if (ascii == bytes.length) {
            return true;
        }
        CharsetDecoder strict = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer rest = ByteBuffer.wrap(bytes, ascii, bytes.length - ascii);
        CharBuffer scratch = CharBuffer.allocate(Math.min(rest.remaining(), 512) + 1);
        while (rest.hasRemaining()) {
            CoderResult result = strict.decode(rest, scratch, true);
            if (result.isError()) {
                return false;
            }
            scratch.clear();
        }
        return true;
    }
}
