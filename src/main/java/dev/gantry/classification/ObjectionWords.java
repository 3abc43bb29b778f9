package dev.gantry.classification;

import org.jspecify.annotations.Nullable;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The sentences in which providers and servers refuse a member by its name. On text of at most 4
 * KiB, in steps of bounded reach: no input makes it slow.
 *
 * @param names what is refused, as it is written there; in no case a member for certain
 * @param instead what is to be used in its place
 */
record ObjectionWords(Set<String> names, @Nullable String instead) {
    /** Names are looked for so many characters before or after the words that refuse them. */
    private static final int REACH = 240;

    /** Stands for a name of which it is said that it is no top-level member's. */
    private static final String ELSEWHERE = "";

    private static final String ROOT = "(?:(?:body|request|params|generation_?config)[./])?+";
    private static final String NAME =
            "[\\[({'\"`*#$: ]{0,4}+"
                    + ROOT
                    + "[a-z][a-z0-9_]{1,40}+(?![.\\[][a-z0-9])['\"`*\\])}]{0,3}+";
    private static final String LIST =
            NAME + "(?:(?:, ?(?:and )?+| and | or |: ?[^ ,}]{1,20}+, )" + NAME + "){0,7}+";

    private static final Pattern AFTER = Pattern.compile(LIST);
    private static final Pattern BEFORE = Pattern.compile("(?<![a-z0-9_.\\[\\]>-])" + LIST + "$");

    /** What is named stands inside something that is no member of the request's own. */
    private static final Pattern DEEPER =
            Pattern.compile("^ ?(?:at|in) ['\"`]?+[a-z_]{1,40}+[\\[.]");

    private static final String KIND =
            "(?:parameter|param|argument|field|propertie|property|option|key|name|input|value"
                    + "|member)(?:s|\\(s\\))?+";

    /** The names follow. */
    private static final List<Pattern> HEADS =
            patterns(
                    "\\b(?:unsupported|unrecogni[sz]ed|unknown|unexpected|disallowed|forbidden"
                            + "|additional|extra)"
                            + " (?:request |body |keyword |input |model |query )?+"
                            + KIND
                            + "(?: supplied| provided| found| received| in object| in request)?+",
                    "\\b(?:does|do) ?(?:not|n't) (?:currently |yet )?+"
                            + "(?:support|accept|allow|recogni[sz]e)"
                            + "(?: the| any| custom| setting| use of| request| model){0,3}+(?: "
                            + KIND
                            + ")?+",
                    KIND + " (?:is |are )?+not supported (?:on|by|for|with) (?:this|the) model:",
                    "\\bextra inputs are not permitted, field:",
                    "\\bextraneous key",
                    "\\badditional properties are not allowed",
                    "'loc': ?[\\[(]'body', ?(?='[a-z0-9_]{2,40}+'[\\])]{1,2}+,"
                            + " ?'msg': ?'extra inputs are not permitted)");

    /** The names stand before. */
    private static final List<Pattern> TAILS =
            patterns(
                    "(?: "
                            + KIND
                            + ")?+ (?:(?:is|are|was) ?(?:currently |yet )?+(?:not|n't|no longer)"
                            + "(?: currently| yet)?+ (?:supported|enabled|permitted|allowed|accepted"
                            + "|recogni[sz]ed|available|implemented)"
                            + "|not (?:supported|permitted|allowed|recogni[sz]ed)"
                            + "|(?:is|are) (?:unsupported|deprecated|unknown|unrecogni[sz]ed"
                            + "|unexpected|forbidden))",
                    ":? extra (?:inputs are|fields) not permitted",
                    " does ?(?:not|n't) support ",
                    ":? only \\S{1,10} is (?:allowed|supported)",
                    " (?:may|can) only be set to",
                    " cannot both be (?:specified|set)");

    private static final Pattern ONE = Pattern.compile("[a-z][a-z0-9_]{1,40}+");

    private static final Pattern INSTEAD =
            Pattern.compile(
                    "(?:use|try|replaced (?:by|with)|renamed to|did you mean|in favou?r of)"
                            + "(?: the)?+[:'\"`* ]{1,4}+(?<name>[a-z][a-z0-9_]{1,40}+)");

    /** Somebody else's name: of a tool, or inside a schema that the caller has written. */
    private static final Pattern OTHER =
            Pattern.compile(
                    "(?:tool|function|role|file|image|column|enum|message|schema)s?+[:'\"`( ]{1,4}+$"
                            + "|[.\\]/>] ?['\"`]?+$");

    private static final Pattern ROOTED =
            Pattern.compile(
                    "(?:body|request|params|generation_?config|[$#])(?:[./]| -> ?)['\"`]?+$");

    private static final Pattern SET_OFF = Pattern.compile("(?:^|[:'\"`\\[({,/] ?)$");
    private static final Pattern ENDED = Pattern.compile("^['\"`:\\])},]");

    /** Plain words of the language: a name only where they are set off as one. */
    private static final Set<String> WORDS =
            Set.of("user", "seed", "store", "metadata", "prediction");

    private static List<Pattern> patterns(String... all) {
        return Stream.of(all).map(Pattern::compile).toList();
    }

    /**
     * @param said comparable, and nobody's but the provider's
     */
    static @Nullable ObjectionWords in(String said) {
        Set<String> names = new LinkedHashSet<>(NativeWords.members(said));
        HEADS.forEach(head -> after(head.matcher(said), said, names));
        TAILS.forEach(tail -> before(tail.matcher(said), said, names));
        if (names.isEmpty()) {
            return null;
        }
        Matcher other = INSTEAD.matcher(said);
        return new ObjectionWords(names, other.find() ? other.group("name") : null);
    }

    private static void after(Matcher words, String said, Set<String> names) {
        while (words.find()) {
            int end = Math.min(said.length(), words.end() + REACH);
            Matcher list = AFTER.matcher(said).region(words.end(), end);
            if (!list.lookingAt()) {
                continue;
            }
            if (DEEPER.matcher(said.substring(list.end())).find()) {
                names.add(ELSEWHERE);
            } else {
                collect(said, words.end(), list.end(), names);
            }
        }
    }

    private static void before(Matcher words, String said, Set<String> names) {
        while (words.find()) {
            int start = Math.max(0, words.start() - REACH);
            Matcher list = BEFORE.matcher(said).region(start, words.start());
            list.useTransparentBounds(true);
            if (list.find()) {
                collect(said, list.start(), words.start(), names);
            }
        }
    }

    private static void collect(String said, int start, int end, Set<String> names) {
        Matcher one = ONE.matcher(said).region(start, end);
        while (one.find()) {
            String before = said.substring(Math.max(0, one.start() - 24), one.start());
            boolean others = OTHER.matcher(before).find() && !ROOTED.matcher(before).find();
            boolean bare =
                    WORDS.contains(one.group())
                            && !SET_OFF.matcher(before).find()
                            && !ENDED.matcher(said.substring(one.end())).find();
            if (!others && !bare) {
                names.add(one.group());
            }
        }
    }
}
