package dev.gantry.dialect;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What must hold of bytes before, and after, a JSON parser has looked at them. */
public final class JsonBytes {
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
        for (int i = 0; i < json.length; i++) {
            if (json[i] == '\n' || json[i] == '\r') {
                json[i] = ' ';
            }
        }
    }

    public static boolean isUtf8(byte[] bytes) {
        int ascii = 0;
        while (ascii < bytes.length && bytes[ascii] >= 0) {
            ascii++;
        }
        CharsetDecoder strict = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer rest = ByteBuffer.wrap(bytes, ascii, bytes.length - ascii);
        CharBuffer scratch = CharBuffer.allocate(Math.min(rest.remaining(), 4096) + 1);
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
