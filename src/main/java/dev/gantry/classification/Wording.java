package dev.gantry.classification;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;

/** Text from outside, made fit for messages and for comparison. */
final class Wording {
    /** Longer text is cut before anything searches it. */
    static final int LIMIT = 4096;

    private static final int LABEL_LIMIT = 100;

    /**
     * What keys look like. Each alternative begins with fixed text or a run of one class, so that a
     * match costs time linear in the text.
     */
    private static final Pattern SECRET =
            Pattern.compile(
                    "(?i)\\b(?:sk|pk|rk|gsk|xai|nvapi|fw|csk)[-_][\\w*.-]{4,200}"
                            + "|\\bbearer\\s{1,4}[^\\s\"',]{4,4096}"
                            + "|\\bbasic\\s{1,4}[a-z0-9+/=]{12,4096}"
                            + "|\\bAIza[\\w-]{10,100}"
                            + "|\\b(?:AKIA|ASIA)[A-Z0-9]{12,40}"
                            + "|\\bhf_[A-Za-z0-9]{8,100}"
                            + "|\\beyJ[\\w-]{8,4096}(?:\\.[\\w-]{1,4096}){0,2}"
                            + "|\\b(?:api[-_ ]?key|token|secret|password)[\"']?[:=]\\s{0,4}[\"']?[^\\s\"',]{6,4096}"
                            + "|\\b[0-9a-f]{32,4096}\\b");

    private Wording() {}

    /** The beginning of a body that may be too long to be read whole. */
    static String start(byte[] body, int limit) {
        return new String(body, 0, Math.min(body.length, limit), StandardCharsets.UTF_8);
    }

    /** On one line, without secrets, cut to what a message may hold. */
    static String clean(String raw) {
        String line = oneLine(raw);
        String scrubbed = SECRET.matcher(line).replaceAll("[redacted]");
        return cut(scrubbed, Classification.MESSAGE_LIMIT);
    }

    /** A provider's code, which is short where it is one. */
    static String label(String raw) {
        return cut(clean(raw), LABEL_LIMIT);
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
