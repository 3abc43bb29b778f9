package dev.gantry.classification;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Numbers that show one request to be larger than the whole of a lane's tokens per minute: the wait
 * that the provider states beside them would never end.
 */
final class OverQuota {
    /** Stands among the codes of a body that shows it. */
    static final String CODE = "gantry.over_quota";

    /** {@code (TPM): Limit 7000, Used 0, Requested ~12903}. */
    private static final Pattern NUMBERS =
            Pattern.compile(
                    "(?:per min|\\btpm\\b)[^;]{0,80}\\blimit:? ([\\d,]{1,15})\\b"
                            + "[^;]{0,60}\\brequested:? ~?([\\d,]{1,15})\\b");

    private OverQuota() {}

    /**
     * @param text comparable, as {@link Wording#comparable} makes it
     */
    static boolean in(String text) {
        Matcher numbers = NUMBERS.matcher(text);
        return numbers.find() && number(numbers.group(2)) > number(numbers.group(1));
    }

    private static long number(String digits) {
        String plain = digits.replace(",", "");
        return plain.isEmpty() ? 0 : Long.parseLong(plain);
    }
}
