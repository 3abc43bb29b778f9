package dev.gantry.classification;

import java.util.Set;
import java.util.regex.Pattern;

/**
 * What of an error's words is the provider's own. What it quotes may be anybody's, the prompt's
 * above all: quoted spans, addresses, paths of fields and what a validator dumps are blanked before
 * a phrase is looked for. Time is linear in the text.
 */
final class VendorSpeech {
    /** Stands where something was quoted: no phrase holds it, but one may reach over it. */
    static final char BLANK = '▮';

    /** Parameters that the table's phrases name; quoted, they are still the provider's words. */
    private static final Set<String> PARAMETERS =
            Set.of(
                    "max_tokens",
                    "max_new_tokens",
                    "max_completion_tokens",
                    "max_output_tokens",
                    "max_tokens_to_sample",
                    "maxoutputtokens",
                    "temperature",
                    "top_k",
                    "top_p",
                    "modelid");

    private static final Pattern ADDRESS =
            Pattern.compile(
                    "\\b[a-z][a-z0-9+.-]{1,15}://\\S++"
                            + "|\\bwww\\.\\S++"
                            + "|(?<![\\w.-])(?![\\w.-]{1,200}googleapis\\.com/)"
                            + "(?:[\\w-]{1,63}\\.){1,8}[a-z]{2,24}/\\S++");

    /** {@code messages[0].content}, {@code tools.0.function}, {@code body.input.text}. */
    private static final Pattern PATH =
            Pattern.compile(
                    "(?<![\\w.])[a-z_]\\w{0,63}(?:\\.\\d{1,6}|\\[\\d{1,6}\\])[\\w.\\[\\]]{0,255}+"
                            + "|(?<![\\w.])(?!litellm\\.)[a-z_]\\w{0,63}(?:\\.[a-z_]\\w{0,63}){2,16}+"
                            + "|\\binput_value=[^,\\]]{0,4096}+");

    private static final String QUOTES = "\"'`“‘«「『";
    private static final String ENDS = "\"'`”’»」』";

    private VendorSpeech() {}

    /**
     * @param text comparable, as {@link Wording#comparable} makes it
     */
    static String in(String text) {
        String spoken = withoutDumps(withoutQuotes(unwrapped(text)));
        String local =
                mayHoldAddress(spoken)
                        ? ADDRESS.matcher(spoken).replaceAll(String.valueOf(BLANK))
                        : spoken;
        return mayHoldPath(local) ? PATH.matcher(local).replaceAll(String.valueOf(BLANK)) : local;
    }

    /** Most sentences hold nothing of the kind, and the pattern is slow to find that out. */
    private static boolean mayHoldAddress(String text) {
        return text.indexOf('/') >= 0 || text.contains("www.");
    }

    /** Likewise. */
    private static boolean mayHoldPath(String text) {
        for (int dot = text.indexOf('.'); dot >= 0; dot = text.indexOf('.', dot + 1)) {
            if (dot + 1 < text.length() && !Character.isWhitespace(text.charAt(dot + 1))) {
                return true;
            }
        }
        return text.indexOf('[') >= 0 || text.contains("input_value=");
    }

    /** A message that is one quoted sentence quotes nobody. */
    private static String unwrapped(String text) {
        int last = text.length() - 1;
        boolean quoted = last > 0 && text.charAt(0) == '"' && text.charAt(last) == '"';
        return quoted && text.indexOf('"', 1) == last ? text.substring(1, last) : text;
    }

    private static String withoutQuotes(String text) {
        StringBuilder own = new StringBuilder(text.length());
        int at = 0;
        while (at < text.length()) {
            int end = endOfQuote(text, at);
            if (end < 0) {
                own.append(text.charAt(at));
                at++;
                continue;
            }
            String quoted = text.substring(at + 1, Math.max(at + 1, end - 1));
            if (PARAMETERS.contains(quoted) || isOfQuota(own)) {
                own.append(quoted);
            } else {
                own.append(BLANK);
            }
            at = end;
        }
        return own.toString();
    }

    /** Google puts the names of its quotas into quotes; what they count is in the names. */
    private static boolean isOfQuota(StringBuilder before) {
        return endsWith(before, "quota metric ") || endsWith(before, "and limit ");
    }

    private static boolean endsWith(StringBuilder text, String end) {
        return text.length() >= end.length()
                && text.indexOf(end, text.length() - end.length()) >= 0;
    }

    /** After the closing mark; -1 if no quote begins there. An apostrophe opens none. */
    private static int endOfQuote(String text, int at) {
        int kind = QUOTES.indexOf(text.charAt(at));
        if (kind < 0 || (at > 0 && letter(text.charAt(at - 1)))) {
            return -1;
        }
        char close = ENDS.charAt(kind);
        for (int end = text.indexOf(close, at + 1); end > 0; end = text.indexOf(close, end + 1)) {
            if (end + 1 == text.length() || !letter(text.charAt(end + 1))) {
                return end + 1;
            }
        }
        return close == '"' ? text.length() : -1;
    }

    /** A structure inside a sentence: what could be read of it was read on its own. */
    private static String withoutDumps(String text) {
        StringBuilder own = new StringBuilder(text.length());
        int depth = 0;
        for (int i = 0; i < text.length(); i++) {
            char each = text.charAt(i);
            if (each == '{') {
                depth++;
            }
            if (depth == 0) {
                own.append(each);
            } else if (each == '}') {
                depth--;
                own.append(depth == 0 ? String.valueOf(BLANK) : "");
            }
        }
        return own.toString();
    }

    private static boolean letter(char c) {
        return Character.isLetterOrDigit(c);
    }
}
