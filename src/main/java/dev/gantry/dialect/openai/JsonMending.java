package dev.gantry.dialect.openai;

import dev.gantry.dialect.JsonBytes;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/**
 * Makes JSON of what is JSON but for one of the mistakes that real servers make in answers that are
 * paid for: raw control characters and wrong escapes in strings, broken UTF-8, {@code NaN} and
 * {@code Infinity} as numbers. Everything else keeps its bytes; whether the whole is JSON then, a
 * parser must say.
 */
final class JsonMending {
    private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);
    private static final String ESCAPED = "\"\\/bfnrtu";

    private final byte[] json;
    private final ByteArrayOutputStream out;
    private final EnumSet<Mend> mends = EnumSet.noneOf(Mend.class);
    private int at;

    /** What was mended; the names stand in results. */
    enum Mend {
        CONTROL_CHARACTERS,
        ESCAPES,
        ENCODING,
        NUMBERS,
        EVENT_STREAM;

        /** As results name it. */
        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * @param mends nothing: the bytes are the given ones
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Mended(byte[] json, Set<Mend> mends) {}

    private JsonMending(byte[] json) {
        this.json = json;
        this.out = new ByteArrayOutputStream(json.length + 64);
    }

    /** Never throws, whatever the bytes are; the array stays as it is. */
    static Mended of(byte[] bytes) {
        boolean encoded = JsonBytes.isUtf8(bytes);
        JsonMending mending = new JsonMending(encoded ? bytes : decoded(bytes));
        if (!encoded) {
            mending.mends.add(Mend.ENCODING);
        }
        mending.run();
        return mending.mends.isEmpty()
                ? new Mended(bytes, Set.of())
                : new Mended(mending.out.toByteArray(), mending.mends);
    }

    /** Each longest broken sequence becomes one U+FFFD, as the Unicode standard recommends. */
    private static byte[] decoded(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
    }

    private void run() {
        while (at < json.length) {
            byte next = json[at];
            if (next == '"') {
                string();
            } else if (beginsWord(next)) {
                word();
            } else {
                out.write(next);
                at++;
            }
        }
    }

    private void string() {
        out.write(json[at++]);
        while (at < json.length && json[at] != '"') {
            if (json[at] == '\\') {
                escape();
            } else if (json[at] >= 0 && json[at] < ' ') {
                out.writeBytes(escaped(json[at++]));
                mends.add(Mend.CONTROL_CHARACTERS);
            } else {
                out.write(json[at++]);
            }
        }
        if (at < json.length) {
            out.write(json[at++]);
        }
    }

    /** A backslash that begins no escape of JSON's is meant as itself. */
    private void escape() {
        boolean last = at + 1 == json.length;
        boolean known = !last && ESCAPED.indexOf(json[at + 1]) >= 0;
        if (known && (json[at + 1] != 'u' || hex(at + 2))) {
            out.write(json[at++]);
            out.write(json[at++]);
        } else {
            out.write('\\');
            out.write('\\');
            at++;
            mends.add(Mend.ESCAPES);
        }
    }

    private boolean hex(int from) {
        if (from + 4 > json.length) {
            return false;
        }
        for (int i = from; i < from + 4; i++) {
            if (Character.digit(json[i], 16) < 0) {
                return false;
            }
        }
        return true;
    }

    private static byte[] escaped(byte control) {
        return "\\u%04x".formatted((int) control).getBytes(StandardCharsets.US_ASCII);
    }

    private static boolean beginsWord(byte next) {
        return next == '-' || next == '+' || Character.isLetterOrDigit(next);
    }

    /** A literal or a number; of these only what names no number is replaced. */
    private void word() {
        int start = at;
        while (at < json.length && (beginsWord(json[at]) || json[at] == '.')) {
            at++;
        }
        if (isNoNumber(new String(json, start, at - start, StandardCharsets.US_ASCII))) {
            out.writeBytes(NULL);
            mends.add(Mend.NUMBERS);
        } else {
            out.write(json, start, at - start);
        }
    }

    private static boolean isNoNumber(String word) {
        String bare = word.startsWith("-") || word.startsWith("+") ? word.substring(1) : word;
        return Arrays.asList("nan", "inf", "infinity").contains(bare.toLowerCase(Locale.ROOT));
    }
}
