package dev.gantry.classification;

import org.jspecify.annotations.Nullable;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** How long a provider asks to be left alone, in whatever form it says so. */
final class WaitHint {
    /** Nobody means more; a nonsense value must not bench a lane for years. */
    private static final Duration LONGEST = Duration.ofDays(31);

    /** A larger number is no wait but an instant: the epoch in seconds, or in milliseconds. */
    private static final double EPOCH_SECONDS = 1e9;

    private static final double EPOCH_MILLIS = 1e12;

    private static final Pattern NUMBER = Pattern.compile("\\d{1,15}(?:\\.\\d{1,12})?");

    /** 6m0s, 1.78s, 120ms, 5h0m0s. */
    private static final Pattern UNITS =
            Pattern.compile(
                    "(?:(\\d{1,6})h)?(?:(\\d{1,6})m(?!s))?(?:(\\d{1,9}(?:\\.\\d{1,12})?)(m?s))?");

    private static final Pattern IN_TEXT =
            Pattern.compile(
                    "\\b(?:try again|retry|please wait) (?:in|after|for) (?:"
                            + "(\\d{1,9}) (second|minute|hour)s?\\b|(\\d[0-9hms.]{0,30}[hms]))");

    private WaitHint() {}

    /**
     * The provider's own words first, the resets of its windows last.
     *
     * @param headers names in lower case
     * @param text comparable
     */
    static @Nullable Duration of(
            Map<String, String> headers, @Nullable String retryDelay, String text, Instant now) {
        return Stream.of(
                        millis(headers.get("retry-after-ms")),
                        millis(headers.get("x-ms-retry-after-ms")),
                        secondsOrDate(headers.get("retry-after"), now),
                        units(retryDelay),
                        inText(text),
                        ofResets(headers, now))
                .flatMap(Optional::stream)
                .filter(wait -> !wait.isNegative())
                .findFirst()
                .map(wait -> wait.compareTo(LONGEST) > 0 ? LONGEST : wait)
                .orElse(null);
    }

    private static Optional<Duration> millis(@Nullable String value) {
        return number(value).map(millis -> seconds(millis / 1000));
    }

    private static Optional<Duration> secondsOrDate(@Nullable String value, Instant now) {
        Optional<Duration> seconds = number(value).map(WaitHint::seconds);
        if (seconds.isPresent() || value == null) {
            return seconds;
        }
        try {
            Instant date = DateTimeFormatter.RFC_1123_DATE_TIME.parse(value.strip(), Instant::from);
            return Optional.of(until(date, now));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Optional<Duration> inText(String text) {
        Matcher hint = IN_TEXT.matcher(text);
        if (!hint.find()) {
            return Optional.empty();
        }
        if (hint.group(3) != null) {
            return units(hint.group(3));
        }
        long amount = Long.parseLong(hint.group(1));
        return Optional.of(
                switch (hint.group(2)) {
                    case "hour" -> Duration.ofHours(amount);
                    case "minute" -> Duration.ofMinutes(amount);
                    default -> Duration.ofSeconds(amount);
                });
    }

    /** Of the windows that the headers describe, the one that is used up. */
    private static Optional<Duration> ofResets(Map<String, String> headers, Instant now) {
        return Stream.of("requests", "tokens")
                .filter(what -> "0".equals(headers.get("x-ratelimit-remaining-" + what)))
                .map(what -> reset(headers.get("x-ratelimit-reset-" + what), now))
                .flatMap(Optional::stream)
                .max(Duration::compareTo)
                .or(() -> reset(headers.get("x-ratelimit-reset"), now))
                .or(() -> reset(headers.get("ratelimitbysize-reset"), now));
    }

    private static Optional<Duration> reset(@Nullable String value, Instant now) {
        return units(value).or(() -> number(value).map(number -> secondsOrEpoch(number, now)));
    }

    private static Duration secondsOrEpoch(double number, Instant now) {
        if (number < EPOCH_SECONDS) {
            return seconds(number);
        }
        long millis = (long) (number < EPOCH_MILLIS ? number * 1000 : number);
        return until(Instant.ofEpochMilli(millis), now);
    }

    private static Optional<Duration> units(@Nullable String value) {
        if (value == null || value.isBlank()) {
            return Optional.empty();
        }
        Matcher parts = UNITS.matcher(value.strip());
        if (!parts.matches()) {
            return Optional.empty();
        }
        double seconds = 3600 * part(parts.group(1)) + 60 * part(parts.group(2));
        double rest = part(parts.group(3));
        return Optional.of(seconds(seconds + ("ms".equals(parts.group(4)) ? rest / 1000 : rest)));
    }

    private static double part(@Nullable String digits) {
        return digits == null ? 0 : Double.parseDouble(digits);
    }

    private static Optional<Double> number(@Nullable String value) {
        return value != null && NUMBER.matcher(value.strip()).matches()
                ? Optional.of(Double.valueOf(value.strip()))
                : Optional.empty();
    }

    private static Duration seconds(double seconds) {
        return Duration.ofNanos((long) (Math.min(seconds, (double) LONGEST.toSeconds()) * 1e9));
    }

    private static Duration until(Instant then, Instant now) {
        return then.isBefore(now) ? Duration.ZERO : Duration.between(now, then);
    }
}
