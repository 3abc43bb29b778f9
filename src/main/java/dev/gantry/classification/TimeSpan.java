package dev.gantry.classification;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Amounts of time as people and providers write them: {@code 120ms}, {@code 6m0s}, {@code
 * 1h2m3.5s}, {@code 2 hours}, {@code 1 minute and 30 seconds}, {@code 30秒}, {@code 2.12:34:56}.
 *
 * @param end where in the text the amount ends
 */
record TimeSpan(Duration amount, int end) {
    /** More digits than any wait has: what is longer is some other number. */
    private static final int DIGITS = 15;

    private static final Pattern CLOCK =
            Pattern.compile(
                    "(?:(?<d>\\d{1,3})\\.)?(?<h>\\d{1,3}):(?<m>[0-5]\\d):(?<s>[0-5]\\d(?:\\.\\d{1,9})?)(?!\\d)");

    private static final double MOST_SECONDS = 1e12;

    private static final Map<String, Double> SECONDS =
            Map.ofEntries(
                    Map.entry("ms", 1e-3), Map.entry("msec", 1e-3),
                    Map.entry("millisecond", 1e-3), Map.entry("milliseconds", 1e-3),
                    Map.entry("us", 1e-6), Map.entry("µs", 1e-6),
                    Map.entry("s", 1.0), Map.entry("sec", 1.0),
                    Map.entry("secs", 1.0), Map.entry("second", 1.0),
                    Map.entry("seconds", 1.0), Map.entry("秒", 1.0),
                    Map.entry("m", 60.0), Map.entry("min", 60.0),
                    Map.entry("mins", 60.0), Map.entry("minute", 60.0),
                    Map.entry("minutes", 60.0), Map.entry("分钟", 60.0),
                    Map.entry("h", 3600.0), Map.entry("hr", 3600.0),
                    Map.entry("hrs", 3600.0), Map.entry("hour", 3600.0),
                    Map.entry("hours", 3600.0), Map.entry("小时", 3600.0),
                    Map.entry("d", 86400.0), Map.entry("day", 86400.0),
                    Map.entry("days", 86400.0), Map.entry("天", 86400.0));

    /**
     * Reads as many amounts as follow one another.
     *
     * @return null if none begins at that place
     */
    static @Nullable TimeSpan at(String text, int from) {
        Matcher clock = CLOCK.matcher(text).region(from, text.length());
        if (clock.lookingAt()) {
            return ofClock(clock);
        }
        double seconds = 0;
        int end = from;
        int next = from;
        while (true) {
            int number = afterNumber(text, next);
            int unit = afterSpaces(text, number);
            int after = afterWord(text, unit);
            Double worth = SECONDS.get(text.substring(unit, after));
            if (number == next || worth == null) {
                return end == from ? null : new TimeSpan(ofSeconds(seconds), end);
            }
            seconds += worth * Double.parseDouble(text.substring(next, number));
            end = after;
            next = afterSpaces(text, afterAnd(text, afterSpaces(text, after)));
        }
    }

    /** Days, if any, then hours, minutes and seconds. */
    private static TimeSpan ofClock(Matcher clock) {
        double days = clock.group("d") == null ? 0 : Double.parseDouble(clock.group("d"));
        double hours = days * 24 + Double.parseDouble(clock.group("h"));
        double minutes = hours * 60 + Double.parseDouble(clock.group("m"));
        double seconds = minutes * 60 + Double.parseDouble(clock.group("s"));
        return new TimeSpan(ofSeconds(seconds), clock.end());
    }

    static Duration ofSeconds(double seconds) {
        double bounded = Math.min(seconds, MOST_SECONDS);
        long whole = (long) bounded;
        return Duration.ofSeconds(whole, Math.round((bounded - whole) * 1e9));
    }

    /** Digits with at most one point among them; the same place if there are none, or too many. */
    static int afterNumber(String text, int from) {
        int whole = afterDigits(text, from);
        if (whole == from || whole - from > DIGITS) {
            return from;
        }
        boolean point = whole < text.length() && text.charAt(whole) == '.';
        int fraction = point ? afterDigits(text, whole + 1) : whole;
        return fraction > whole + 1 ? fraction : whole;
    }

    private static int afterDigits(String text, int from) {
        int at = from;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        return at;
    }

    private static int afterWord(String text, int from) {
        int at = from;
        while (at < text.length() && at - from < 12 && Character.isLetter(text.charAt(at))) {
            at++;
        }
        int unit = at;
        // Chinese writes on without a space: 30秒后重试.
        while (unit > from + 1
                && text.charAt(from) > 127
                && !SECONDS.containsKey(text.substring(from, unit))) {
            unit--;
        }
        return unit;
    }

    private static int afterSpaces(String text, int from) {
        int at = from;
        while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == ',')) {
            at++;
        }
        return at;
    }

    private static int afterAnd(String text, int from) {
        return text.startsWith("and ", from) ? from + "and ".length() : from;
    }
}
