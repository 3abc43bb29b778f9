package dev.gantry.audit;

import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes secrets out of messages that leave this worker; providers echo keys in their errors.
 *
 * <p>Time is linear: the input is cut first, every quantifier is possessive or bounded, and a run
 * of key characters is tried once, from its start.
 */
public final class Scrubber {
    private static final int LONGEST = 8192;
    private static final int SHORT = 500;
    private static final String MASK = "***";

    /** A group is what stays in front of the secret. */
    private static final Pattern SECRET =
            Pattern.compile(
                    """
                    (\\bbearer\\s{1,8}+)[^\\s"',;]{6,}+
                    |(\\bbasic\\s{1,8}+)[a-z0-9+/=]{12,}+
                    |((?:api[\\s_-]?key(?:\\sprovided)?|(?:access|secret|private)[_-]?key\
                    |subscription-key|client[_-]?secret|(?:access|auth)[_-]?token|authorization\
                    |password|passwd|signature)\
                    \\\\?["']?\\s{0,8}+[:=]\\s{0,8}+(?:(?:bearer|basic)\\s{1,8}+)?\\\\?["']?)\
                    [^\\s"'&,;}\\\\]{3,}+
                    |([?&](?:key|token|sig|secret)=)[^\\s"'&]{3,}+
                    |(://)[^\\s/@:]{1,64}+:[^\\s/@]{1,256}+(?=@)
                    |(?<![a-z0-9_-])(?:(?:sk|pk|rk|gsk|xai|nvapi|pplx|glpat)[-_]|(?:hf|r8|fw|gh[a-z])_)\
                    [a-z0-9_*.-]{8,}+
                    |(?<![a-z0-9_-])(?:AIza|AKIA|ASIA)[a-z0-9_-]{12,}+
                    |(?<![a-z0-9_-])eyJ[a-z0-9_-]{8,}+\\.[a-z0-9_-]{8,}+(?:\\.[a-z0-9_-]*+)?
                    """
                            .replace("\n", ""),
                    Pattern.CASE_INSENSITIVE);

    private Scrubber() {}

    /** One error's message on one line, without secrets, at most 500 characters. */
    public static String scrub(String message) {
        return cut(clean(message), SHORT);
    }

    /** A message that tells of several errors: at most 8,192 characters. */
    public static String clean(String message) {
        return oneLine(masked(message));
    }

    /** A whole text as it stands, but without secrets: at most 8,192 characters. */
    public static String masked(String text) {
        return SECRET.matcher(cut(text, LONGEST))
                .replaceAll(found -> Matcher.quoteReplacement(kept(found) + MASK));
    }

    private static String kept(MatchResult found) {
        for (int group = 1; group <= found.groupCount(); group++) {
            if (found.group(group) != null) {
                return found.group(group);
            }
        }
        return "";
    }

    private static String oneLine(String text) {
        StringBuilder line = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char each = text.charAt(i);
            line.append(Character.isISOControl(each) ? ' ' : each);
        }
        return line.toString().strip();
    }

    /** Never between the two halves of a character. */
    private static String cut(String text, int length) {
        if (text.length() <= length) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length;
        return text.substring(0, end);
    }
}
