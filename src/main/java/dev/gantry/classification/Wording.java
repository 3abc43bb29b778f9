package dev.gantry.classification;

import dev.gantry.secret.Scrubber;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Text from outside, made fit for messages and for comparison. */
final class Wording {
    /** Longer text is cut before anything searches it. */
    static final int LIMIT = 4096;

    /** In a provider's text the ids of requests and hashes are no loss, and such a run is a key. */
    private static final Pattern HEX = Pattern.compile("(?i)\\b[0-9a-f]{32,4096}\\b");

    /** Words of an identifier: what stands so in a sentence is a code, not prose. */
    private static final Pattern CODE_IN_TEXT =
            Pattern.compile(
                    "(?<![\\w.-])[a-z]++(?:_[a-z0-9]++){1,8}+(?![\\w-])"
                            + "|(?<![\\w-])[a-z]{8,60}(?:exception|error)(?![\\w-])");

    /** What a code may look like; else it is text, and anybody's. */
    private static final Pattern CODE = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private Wording() {}

    static boolean isCode(String value) {
        return CODE.matcher(value).matches();
    }

    /**
     * The codes that stand in a sentence.
     *
     * @param text comparable
     */
    static Set<String> codes(String text) {
        return CODE_IN_TEXT
                .matcher(text)
                .results()
                .map(MatchResult::group)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The beginning of a body that may be too long to be read whole. */
    static String start(byte[] body, int limit) {
        return new String(body, 0, Math.min(body.length, limit), StandardCharsets.UTF_8);
    }

    /** On one line, without secrets, cut to what a message may hold. */
    static String clean(String raw) {
        String line = oneLine(raw);
        String scrubbed = HEX.matcher(Scrubber.masked(line)).replaceAll(Scrubber.MASK);
        return cut(scrubbed, Classification.MESSAGE_LIMIT);
    }

    /** In lower case, on one line, with plain apostrophes: what phrases are compared with. */
    static String comparable(String raw) {
        return oneLine(raw).toLowerCase(Locale.ROOT).replace('’', '\'');
    }

    private static String oneLine(String raw) {
        StringBuilder line = new StringBuilder();
        boolean gap = false;
        for (int i = 0; i < Math.min(raw.length(), LIMIT); i++) {
            char c = raw.charAt(i);
            if (Character.isWhitespace(c) || Character.isISOControl(c)) {
                gap = !line.isEmpty();
                continue;
            }
            if (gap) {
                line.append(' ');
                gap = false;
            }
            line.append(c);
        }
        return line.toString();
    }

    /** Never between the halves of a character. */
    private static String cut(String text, int limit) {
        if (text.length() <= limit) {
            return text;
        }
        int end = limit - 1;
        return text.substring(0, Character.isHighSurrogate(text.charAt(end - 1)) ? end - 1 : end)
                + "…";
    }
}
