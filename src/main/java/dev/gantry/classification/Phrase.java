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
 * @param oneWord one plain word is no sentence of anybody's
 * @param parts for each part, its alternatives
 */
record Phrase(String text, boolean oneWord, List<List<Words>> parts) {
    private static final int GAP = 120;
    private static final Pattern ONE_WORD = Pattern.compile("\\(?[a-z|]+\\)?");
    private static final String ANY = "*";
    private static final String SENTENCE_END = ". ";

    /**
     * One alternative.
     *
     * @param stem what must stand there
     * @param begun whether a word may begin before it
     * @param open whether a word may go on behind it
     */
    record Words(String stem, boolean begun, boolean open) {
        static Words of(String written) {
            return new Words(
                    written.replace(ANY, ""), written.startsWith(ANY), written.endsWith(ANY));
        }
    }

    Phrase {
        parts = parts.stream().map(List::copyOf).toList();
    }

    static Phrase of(String text) {
        return new Phrase(
                text,
                isOneWord(text),
                Arrays.stream(text.split("…", -1))
                        .map(part -> alternatives(part.strip()))
                        .map(part -> part.stream().map(Words::of).toList())
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

    private static boolean isOneWord(String text) {
        return ONE_WORD.matcher(text).matches()
                && !text.endsWith("error")
                && !text.endsWith("exception");
    }

    /**
     * @param text comparable, as {@link Wording#comparable} makes it
     */
    boolean in(String text) {
        List<Words> first = parts.getFirst();
        boolean found = false;
        // By index: hundreds of phrases would make an iterator each.
        for (int each = 0; each < first.size() && !found; each++) {
            found = beginsWith(first.get(each), text);
        }
        return found;
    }

    private boolean beginsWith(Words first, String text) {
        int at = find(first, text, 0, text.length());
        while (at >= 0 && !goesOn(text, at + first.stem().length())) {
            at = find(first, text, at + 1, text.length());
        }
        return at >= 0;
    }

    private boolean goesOn(String text, int after) {
        int end = after;
        for (int part = 1; part < parts.size() && end >= 0; part++) {
            end = endOfNext(parts.get(part), text, end);
        }
        return end >= 0;
    }

    /** Where the nearest alternative ends; -1 if the rest of the sentence holds none. */
    private static int endOfNext(List<Words> part, String text, int from) {
        int stop = text.indexOf(SENTENCE_END, from);
        int reach = Math.min(text.length(), from + GAP);
        int to = stop < 0 ? reach : Math.min(reach, stop + 1);
        int nearest = to;
        int end = -1;
        for (Words word : part) {
            int at = find(word, text, from, to);
            if (at >= 0 && at < nearest) {
                nearest = at;
                end = at + word.stem().length();
            }
        }
        return end;
    }

    private static int find(Words word, String text, int from, int to) {
        String stem = word.stem();
        int at = text.indexOf(stem, from, to);
        while (at >= 0 && !stands(word, text, at, at + stem.length())) {
            at = text.indexOf(stem, at + 1, to);
        }
        return at;
    }

    private static boolean stands(Words word, String text, int at, int end) {
        return (word.begun() || bounded(text, at - 1, at))
                && (word.open() || bounded(text, end, end - 1));
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
