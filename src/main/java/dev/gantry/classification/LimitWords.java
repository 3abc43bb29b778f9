package dev.gantry.classification;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The sentences that call an output limit too large, and the ceiling that they name. */
final class LimitWords {
    private static final String MEMBER =
            "max(?:imum)?[_ ]?(?:completion[_ ]?|output[_ ]?|new[_ ]?)?tokens";

    private static final Pattern TOO_LARGE =
            Pattern.compile(
                    "\\b(?:"
                            + MEMBER
                            + ")\\b[^.;]{0,80}?(?:too (?:large|high|big)|exceed|above|greater than"
                            + "|at most|less than|lower than|smaller than|no more than|within|between"
                            + "|in range|range|out of|ceiling|<=|≤|: ?\\d+ > )"
                            + "|\\brange of "
                            + MEMBER
                            + "|maximum tokens you requested exceeds");

    /** Another remedy is asked for, or the limit is too small. */
    private static final Pattern OTHERWISE =
            Pattern.compile(
                    "stream|below minimum|at least|greater than (?:or equal to )?[01]\\b"
                            + "|credits|afford|balance|per minute|\\btpm\\b|positive");

    /** A count with nothing behind it that makes it another: no fraction, no count of images. */
    private static final String N =
            "[`'\"]?(?<n>\\d{1,9}+(?:[,_]\\d{3})*+)(?<unit> ?[km])?(?!\\w|[.,_]\\d"
                    + "| (?:images?|messages?|tools?|files?|requests?|characters|seconds)\\b)";

    /** No model has a ceiling below it: the number means something else. */
    private static final long LEAST = 256;

    /** The most telling first. */
    private static final List<Pattern> CEILINGS =
            Stream.of(
                            "\\[ ?\\d{1,3} ?, ?" + N + " ?[\\])]",
                            "from \\d+(?: \\(inclusive\\))? to " + N,
                            "between \\d+ and " + N,
                            "supports at most " + N,
                            "at most " + N,
                            "less than or equal to " + N,
                            "(?:<=|≤) ?" + N,
                            "\\d > " + N,
                            "limit (?:of|is|:) ?" + N,
                            "ceiling(?: of| is|:)? ?\\(?" + N,
                            "(?:no more than|cannot exceed|can't exceed|must not exceed) " + N,
                            "maximum(?: allowed| output| value| limit| number of| tokens){0,4}(?: of| is|:|=)? ?"
                                    + N,
                            "(?<below>(?:less|lower|smaller) than )" + N,
                            "exceeds? (?:the )?(?:model's |model )?(?:maximum|limit)[^\\d.]{0,40}"
                                    + N)
                    .map(Pattern::compile)
                    .toList();

    private LimitWords() {}

    /** Whether a limit is called too large, by whomever. */
    static boolean mentioned(String said) {
        return TOO_LARGE.matcher(said).find();
    }

    /**
     * @param said comparable, and nobody's but the provider's
     */
    static boolean tooLarge(String said) {
        return mentioned(said) && !OTHERWISE.matcher(said).find();
    }

    /**
     * What is said of the output limit: the sentence that calls it too large, and the next, where
     * many first give the number. All of it where no sentence does.
     *
     * @param said whole sentences
     */
    static String part(String said) {
        List<String> sentences = SharedWords.sentences(said);
        for (int at = 0; at < sentences.size(); at++) {
            if (mentioned(sentences.get(at))) {
                int end = Math.min(sentences.size(), at + 2);
                return String.join(" ", sentences.subList(at, end));
            }
        }
        return said;
    }

    /**
     * The ceiling that is named: less than what was asked for, or it is none.
     *
     * @param part what is said of the limit
     * @param asked tokens
     * @return tokens, at least 256
     */
    static @Nullable Long ceiling(String part, long asked) {
        for (Pattern pattern : CEILINGS) {
            Matcher matcher = pattern.matcher(part);
            while (matcher.find()) {
                long ceiling = named(matcher, part);
                if (ceiling >= LEAST && ceiling < asked) {
                    return ceiling;
                }
            }
        }
        return null;
    }

    /** Of 8k the lower of its two readings. */
    private static long named(Matcher matcher, String part) {
        long number = Long.parseLong(matcher.group("n").replaceAll("[,_]", ""));
        String unit = matcher.group("unit");
        long named = unit == null ? number : number * (unit.endsWith("k") ? 1_000 : 1_000_000);
        boolean below =
                matcher.namedGroups().containsKey("below")
                        || part.startsWith(" (exclusive)", matcher.end());
        return below ? named - 1 : named;
    }
}
