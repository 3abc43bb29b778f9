package dev.gantry.provider.openai;

import dev.gantry.inference.FinishReason;

import org.jspecify.annotations.Nullable;

import java.util.regex.Pattern;

/**
 * Names that a provider gives to calls, models and ends. They stand in events that are not the
 * request's own, and a provider can put anything there: what has not the shape of a name is
 * dropped.
 */
final class WireNames {
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._:/@+=~-]{1,256}");
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private WireNames() {}

    static @Nullable String id(@Nullable String value) {
        return value != null && ID.matcher(value).matches() ? value : null;
    }

    static @Nullable String word(@Nullable String value) {
        return value != null && WORD.matcher(value).matches() ? value : null;
    }

    /** A listed end may be written in any way. */
    static @Nullable String end(@Nullable String reason) {
        return FinishReason.of(reason) == FinishReason.UNLISTED ? word(reason) : reason;
    }

    static boolean isWord(String value) {
        return WORD.matcher(value).matches();
    }
}
