package dev.gantry.classification;

import java.util.Arrays;
import java.util.List;

/**
 * Words that must stand in a text, on word boundaries; {@code …} allows some text in between. Plain
 * searching in bounded reach: no input makes it slow.
 */
record Phrase(List<String> parts) {
    private static final int GAP = 200;

    Phrase {
        parts = List.copyOf(parts);
    }

    static Phrase of(String text) {
        return new Phrase(Arrays.stream(text.split("…", -1)).map(String::strip).toList());
    }

    /**
     * @param text comparable, as {@link Wording#comparable} makes it
     */
    boolean in(String text) {
        String first = parts.getFirst();
        int at = find(first, text, 0, text.length());
        while (at >= 0 && !rest(text, at + first.length())) {
            at = find(first, text, at + 1, text.length());
        }
        return at >= 0;
    }

    private boolean rest(String text, int after) {
        int end = after;
        for (String part : parts.subList(1, parts.size())) {
            int at = find(part, text, end, Math.min(text.length(), end + GAP + part.length()));
            if (at < 0) {
                return false;
            }
            end = at + part.length();
        }
        return true;
    }

    private static int find(String part, String text, int from, int to) {
        int at = text.indexOf(part, from, to);
        while (at >= 0 && !(bounded(text, at - 1, at) && bounded(text, at + part.length()))) {
            at = text.indexOf(part, at + 1, to);
        }
        return at;
    }

    /** Whether a part may end before this index. */
    private static boolean bounded(String text, int end) {
        return bounded(text, end, end - 1);
    }

    private static boolean bounded(String text, int outside, int inside) {
        return outside < 0
                || outside >= text.length()
                || !(word(text.charAt(outside)) && word(text.charAt(inside)));
    }

    /** ASCII only: scripts without spaces have no such boundaries. */
    private static boolean word(char c) {
        return c == '_' || (c < 128 && Character.isLetterOrDigit(c));
    }
}
