package dev.gantry.dialect;

import dev.gantry.inference.FinishReason;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

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

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._:/@+=~-]{1,256}");
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private WireNames() {}

    public static @Nullable String id(@Nullable String value) {
        return value != null && ID.matcher(value).matches() ? value : null;
    }

    public static @Nullable String word(@Nullable String value) {
        return value != null && WORD.matcher(value).matches() ? value : null;
    }

    /** A listed end may be written in any way. */
    public static @Nullable String end(@Nullable String reason) {
        return FinishReason.of(reason) == FinishReason.UNLISTED ? word(reason) : reason;
    }

    public static boolean isWord(String value) {
        return WORD.matcher(value).matches();
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
