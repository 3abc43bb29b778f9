package dev.gantry.secret;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/** A line being written of parts that JSON takes as they stand, in one byte for each character. */
final class AsciiLine {
    private static final int USUAL = 1 << 10;
    private static final int MOST_KEPT = 16 << 10;

    private byte[] bytes = new byte[USUAL];
    private int length;
    private boolean spoilt;

    AsciiLine copy(byte[] part) {
        makeRoom(part.length);
        System.arraycopy(part, 0, bytes, length, part.length);
        length += part.length;
        return this;
    }

    /** Spoils the line if a character would have to be escaped, or takes more than a byte. */
    AsciiLine text(@Nullable String text) {
        if (text == null) {
            return spoil();
        }
        makeRoom(text.length());
        int to = length;
        for (int i = 0; i < text.length(); i++) {
            char each = text.charAt(i);
            if (each < ' ' || each > '~' || each == '"' || each == '\\') {
                return spoil();
            }
            bytes[to++] = (byte) each;
        }
        length = to;
        return this;
    }

    /** As many digits of a second's fraction as its nanoseconds need, by threes, as Instant's. */
    AsciiLine fraction(int nanos) {
        if (nanos == 0) {
            return this;
        }
        int digits = 9;
        int rest = nanos;
        while (rest % 1_000 == 0) {
            rest /= 1_000;
            digits -= 3;
        }
        makeRoom(1 + digits);
        bytes[length] = '.';
        for (int i = digits; i > 0; i--) {
            bytes[length + i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += 1 + digits;
        return this;
    }

    /** There will be no line: it holds what cannot be written here. */
    AsciiLine spoil() {
        spoilt = true;
        return this;
    }

    /**
     * What has been written; the next line may begin.
     *
     * @return null if it was spoilt
     */
    byte @Nullable [] end() {
        byte[] line = spoilt ? null : Arrays.copyOf(bytes, length);
        spoilt = false;
        length = 0;
        if (bytes.length > MOST_KEPT) {
            bytes = new byte[USUAL];
        }
        return line;
    }

    private void makeRoom(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(2 * bytes.length, length + more));
        }
    }
}
