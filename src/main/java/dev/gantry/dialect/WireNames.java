package dev.gantry.dialect;

import dev.gantry.inference.FinishReason;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;

/**
 * Names that a provider gives to calls, models and ends. They stand in events that are not the
 * request's own, and a provider can put anything there: what has not the shape of a name is
 * dropped.
 */
public final class WireNames {
    /** In order of trust; the first that is there names the call. */
    private static final List<String> REQUEST_ID_HEADERS =
            List.of(
                    "x-request-id",
                    "request-id",
                    "apim-request-id",
                    "x-amzn-requestid",
                    "x-amzn-request-id",
                    "x-ms-request-id",
                    "x-goog-request-id");

    /** Beside letters and digits. */
    private static final String ID_MARKS = "._:/@+=~-";

    private static final String WORD_MARKS = "._-";
    private static final int LONGEST_ID = 256;
    private static final int LONGEST_WORD = 64;

    private WireNames() {}

    public static @Nullable String id(@Nullable String value) {
        return value != null && isName(value, ID_MARKS, LONGEST_ID) ? value : null;
    }

    public static @Nullable String word(@Nullable String value) {
        return value != null && isWord(value) ? value : null;
    }

    /** A listed end may be written in any way. */
    public static @Nullable String end(@Nullable String reason) {
        return FinishReason.of(reason) == FinishReason.UNLISTED ? word(reason) : reason;
    }

    public static boolean isWord(String value) {
        return isName(value, WORD_MARKS, LONGEST_WORD);
    }

    /**
     * Asked several times of every answer: a pattern would cost more than the rest of its reading.
     */
    private static boolean isName(String value, String marks, int longest) {
        if (value.isEmpty() || value.length() > longest) {
            return false;
        }
        for (int each = 0; each < value.length(); each++) {
            char letter = value.charAt(each);
            boolean plain =
                    (letter >= 'a' && letter <= 'z')
                            || (letter >= 'A' && letter <= 'Z')
                            || (letter >= '0' && letter <= '9');
            if (!plain && marks.indexOf(letter) < 0) {
                return false;
            }
        }
        return true;
    }

    /** The provider's own name of a call, from an answer's headers. */
    public static @Nullable String requestId(Map<String, String> headers) {
        for (String name : REQUEST_ID_HEADERS) {
            String value = headers.get(name);
            String id = value == null ? null : id(value.strip());
            if (id != null) {
                return id;
            }
        }
        return null;
    }
}
