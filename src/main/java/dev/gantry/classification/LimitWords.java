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

    private static final String N = "[`'\"]?(?<n>\\d[\\d,]{0,11})";

    /** The most telling first. */
    private static final List<Pattern> CEILINGS =
            Stream.of(
                            "\\[ ?\\d{1,3} ?, ?" + N + " ?[\\])]",
                            "from \\d+(?: \\(inclusive\\))? to " + N + "(?<over> \\(exclusive\\))?",
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
                            "(?:less|lower|smaller) than " + N,
                            "exceeds? (?:the )?(?:model's |model )?(?:maximum|limit)[^\\d.]{0,40}"
                                    + N)
                    .map(Pattern::compile)
                    .toList();

    private LimitWords() {}

    /**
     * @param said comparable, and nobody's but the provider's
     */
    static boolean tooLarge(String said) {
        return TOO_LARGE.matcher(said).find() && !OTHERWISE.matcher(said).find();
    }

    /**
     * The ceiling that is named: less than what was asked for, or it is none.
     *
     * @param asked tokens
     * @return tokens, at least 1
     */
    static @Nullable Long ceiling(String said, long asked) {
        for (Pattern pattern : CEILINGS) {
            Matcher matcher = pattern.matcher(said);
            while (matcher.find()) {
                long named = Long.parseLong(matcher.group("n").replace(",", ""));
                boolean exclusive = said.startsWith(" (exclusive)", matcher.end("n"));
                long ceiling = exclusive ? named - 1 : named;
                if (ceiling >= 1 && ceiling < asked) {
                    return ceiling;
                }
            }
        }
        return null;
    }
}
