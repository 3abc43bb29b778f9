package dev.gantry.request;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;

/** Tells texts that are not UTF-8, which is all that passing on by byte positions works with. */
final class Utf8Check {
    private Utf8Check() {}

    /**
     * The encoding that a text is in if its beginning shows that it is not UTF-8, else null. JSON
     * begins with two ASCII characters, so a zero among the first four bytes tells.
     */
    static @Nullable String foreign(byte[] text) {
        int first = word(text, 0);
        int second = word(text, 2);
        if ((first == 0xFFFE && second == 0) || (first == 0 && second == 0xFEFF)) {
            return "UTF-32";
        }
        if (first == 0xFFFE || first == 0xFEFF) {
            return "UTF-16";
        }
        int zeros = 0;
        for (int each = 0; each < Math.min(4, text.length); each++) {
            zeros += text[each] == 0 ? 1 : 0;
        }
        return switch (zeros) {
            case 0 -> null;
            case 1, 2 -> "UTF-16";
            case 3 -> "UTF-32";
            default -> "binary data";
        };
    }

    /** Index of the first byte that is not UTF-8, -1 if all of it is. */
    static int broken(byte[] text) {
        ByteBuffer bytes = ByteBuffer.wrap(text);
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        try {
            decoder.decode(bytes);
            return -1;
        } catch (CharacterCodingException _) {
            return bytes.position();
        }
    }

    /** Two bytes, -1 where the text is shorter. */
    private static int word(byte[] text, int start) {
        return text.length < start + 2
                ? -1
                : ((text[start] & 0xFF) << 8) | (text[start + 1] & 0xFF);
    }
}
