package dev.gantry.classification;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Words that must stand in a text, on word boundaries. In the table, {@code (a|b)} offers
 * alternatives, {@code *} lets a word begin or end in any way, and {@code …} allows more of the
 * same sentence in between. Plain searching in bounded reach: no input makes it slow.
 *
 * @param text as the table writes it
 * @param parts for each part, its alternatives
 */
record Phrase(String text, List<List<String>> parts) {
    private static final int GAP = 120;
    private static final Pattern ONE_WORD = Pattern.compile("\\(?[a-z|]+\\)?");
    private static final String ANY = "*";
    private static final String SENTENCE_END = ". ";

    Phrase {
        parts = parts.stream().map(List::copyOf).toList();
    }

    static Phrase of(String text) {
        return new Phrase(
                text,
                Arrays.stream(text.split("…", -1))
                        .map(part -> alternatives(part.strip()))
                        .toList());
    }

    private static List<String> alternatives(String part) {
        int open = part.indexOf('(');
        int close = part.indexOf(')');
        if (open < 0 || close < open) {
            return List.of(part);
        }
        return Arrays.stream(part.substring(open + 1, close).split("\\|", -1))
                .map(word -> part.substring(0, open) + word + part.substring(close + 1))
                .flatMap(each -> alternatives(each).stream())
                .toList();
    }

    /** One plain word is no sentence of anybody's. */
    boolean isOneWord() {
        return ONE_WORD.matcher(text).matches()
                && !text.endsWith("error")
                && !text.endsWith("exception");
    }

    /**
     * @param text comparable, as {@link Wording#comparable} makes it
     */
    boolean in(String text) {
        return parts.getFirst().stream().anyMatch(first -> beginsWith(first, text));
    }

    private boolean beginsWith(String first, String text) {
        int at = find(first, text, 0, text.length());
        while (at >= 0 && !goesOn(text, at + length(first))) {
            at = find(first, text, at + 1, text.length());
        }
        return at >= 0;
    }

    private boolean goesOn(String text, int after) {
        int end = after;
        for (List<String> part : parts.subList(1, parts.size())) {
            end = endOfNext(part, text, end);
            if (end < 0) {
                return false;
            }
        }
        return true;
    }

    /** Where the nearest alternative ends; -1 if the rest of the sentence holds none. */
    private static int endOfNext(List<String> part, String text, int from) {
        int stop = text.indexOf(SENTENCE_END, from);
        int reach = Math.min(text.length(), from + GAP);
        int to = stop < 0 ? reach : Math.min(reach, stop + 1);
        int nearest = to;
        int end = -1;
        for (String word : part) {
            int at = find(word, text, from, to);
            if (at >= 0 && at < nearest) {
                nearest = at;
                end = at + length(word);
            }
        }
        return end;
    }

    private static int find(String word, String text, int from, int to) {
        String stem = word.replace(ANY, "");
        int at = text.indexOf(stem, from, to);
        while (at >= 0 && !stands(word, text, at, at + stem.length())) {
            at = text.indexOf(stem, at + 1, to);
        }
        return at;
    }

    private static int length(String word) {
        return word.replace(ANY, "").length();
    }

    private static boolean stands(String word, String text, int at, int end) {
        return (word.startsWith(ANY) || bounded(text, at - 1, at))
                && (word.endsWith(ANY) || bounded(text, end, end - 1));
    }

    /** A boundary is needed only where the phrase itself ends in a word character. */
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
