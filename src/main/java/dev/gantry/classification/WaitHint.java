package dev.gantry.classification;

import org.jspecify.annotations.Nullable;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** How long a provider asks to be left alone, in whatever form it says so. */
public final class WaitHint {
    /** Longer waits are cut: asking once a day costs nothing, and plans are topped up meanwhile. */
    static final Duration LONGEST = Duration.ofHours(24);

    /** What is longer than a month of days is no wait but a misunderstanding. */
    private static final Duration ABSURD = Duration.ofDays(32);

    /** A larger number is no wait but an instant: the epoch in seconds, or in milliseconds. */
    private static final double EPOCH_SECONDS = 1e9;

    private static final double EPOCH_MILLIS = 1e11;

    private static final List<String> CUES =
            List.of(
                    "again in ",
                    "again after ",
                    "retry in ",
                    "retry after ",
                    "retry-after: ",
                    "wait ",
                    "resets in ",
                    "reset in ",
                    "reset after ",
                    "resets after ",
                    "replenished in ",
                    "renewed in ",
                    "refreshed in ",
                    "refreshes in ",
                    "available in ",
                    "back in ",
                    "请在",
                    "请等待");

    /** What an instant follows. */
    private static final List<String> MOMENTS =
            List.of(
                    "resets at ",
                    "resets on ",
                    "reset at ",
                    "reset on ",
                    "reset time is ",
                    "reset time: ",
                    "refreshes at ",
                    "renews at ",
                    "renews on ",
                    "replenished at ",
                    "again at ",
                    "again on ",
                    "again after ",
                    "access on ",
                    "retry after ",
                    "available at ",
                    "available after ",
                    "available on ",
                    "until ",
                    "重置时间为",
                    "将在",
                    "将于");

    private static final List<String> HEDGES =
            List.of("~", "about ", "approximately ", "at least ", "another ", "for ", " ");

    private WaitHint() {}

    /**
     * The most specific word wins: milliseconds, Retry-After, the body's own member, its sentence,
     * an upstream's headers in it, and last the windows that the headers call used up. What is not
     * after now, or absurd, is passed over.
     *
     * @param headers names in lower case
     * @param text comparable
     * @param vendor in whose zone a time without one is
     */
    static @Nullable Duration of(
            Map<String, String> headers, ErrorBody body, String text, String vendor, Instant now) {
        return Stream.<Supplier<Optional<Duration>>>of(
                        () -> millis(headers.get("retry-after-ms"), now),
                        () -> millis(headers.get("x-ms-retry-after-ms"), now),
                        () -> spelled(headers.get("retry-after"), now),
                        () -> spelled(body.retryDelay(), now),
                        () -> inText(text),
                        () -> momentIn(text, vendor, now),
                        () -> spelled(body.headers().get("retry-after"), now),
                        () -> ofWindows(body.headers(), now),
                        () -> ofWindows(headers, now))
                .map(Supplier::get)
                .flatMap(Optional::stream)
                .findFirst()
                .orElse(null);
    }

    private static Optional<Duration> millis(@Nullable String value, Instant now) {
        return number(value)
                .map(millis -> millis < EPOCH_MILLIS ? millis / 1000 : millis)
                .flatMap(seconds -> secondsOrEpoch(seconds, now));
    }

    /**
     * Any form: seconds, an amount with units, an instant as epoch, RFC 3339 or HTTP date.
     *
     * @return more than zero, at most a day; empty: no such form, or none that lies ahead
     */
    public static Optional<Duration> spelled(@Nullable String value, Instant now) {
        if (value == null || value.length() > 64) {
            return Optional.empty();
        }
        String said = value.strip();
        Optional<Double> number = number(said);
        if (number.isPresent()) {
            return secondsOrEpoch(number.get(), now);
        }
        TimeSpan span = TimeSpan.at(said.toLowerCase(Locale.ROOT), 0);
        if (span != null && span.end() == said.length()) {
            return sane(span.amount());
        }
        return instant(said).flatMap(then -> sane(Duration.between(now, then)));
    }

    private static Optional<Duration> inText(String text) {
        return CUES.stream().flatMap(cue -> after(cue, text).stream()).findFirst();
    }

    private static Optional<Duration> after(String cue, String text) {
        for (int at = text.indexOf(cue); at >= 0; at = text.indexOf(cue, at + 1)) {
            TimeSpan span = TimeSpan.at(text, afterHedges(text, at + cue.length()));
            if (span != null && sane(span.amount()).isPresent()) {
                return sane(span.amount());
            }
        }
        return Optional.empty();
    }

    private static Optional<Duration> momentIn(String text, String vendor, Instant now) {
        for (String cue : MOMENTS) {
            for (int at = text.indexOf(cue); at >= 0; at = text.indexOf(cue, at + 1)) {
                int from = afterHedges(text, at + cue.length());
                Instant then = Moment.at(text, from, vendor, now);
                if (then != null && sane(Duration.between(now, then)).isPresent()) {
                    return sane(Duration.between(now, then));
                }
            }
        }
        return Optional.empty();
    }

    private static int afterHedges(String text, int from) {
        int at = from;
        for (String hedge : HEDGES) {
            at = text.startsWith(hedge, at) ? at + hedge.length() : at;
        }
        return at;
    }

    /** Of the windows that the headers describe, those that are used up; the last to reopen. */
    private static Optional<Duration> ofWindows(Map<String, String> headers, Instant now) {
        return headers.entrySet().stream()
                .filter(header -> header.getKey().contains("limit"))
                .filter(header -> header.getKey().contains("remaining"))
                .filter(header -> number(header.getValue()).filter(left -> left == 0).isPresent())
                .map(header -> headers.get(header.getKey().replace("remaining", "reset")))
                .flatMap(reset -> spelled(reset, now).stream())
                .max(Duration::compareTo)
                .or(() -> ofUncounted("x-ratelimit-", headers, now))
                .or(() -> ofUncounted("ratelimit-", headers, now))
                .or(() -> ofUncounted("ratelimitbysize-", headers, now));
    }

    /** A reset with no count beside it. */
    private static Optional<Duration> ofUncounted(
            String family, Map<String, String> headers, Instant now) {
        return headers.containsKey(family + "remaining")
                ? Optional.empty()
                : spelled(headers.get(family + "reset"), now);
    }

    private static Optional<Duration> secondsOrEpoch(double number, Instant now) {
        if (number < EPOCH_SECONDS) {
            return sane(TimeSpan.ofSeconds(number));
        }
        double millis = number < EPOCH_MILLIS ? number * 1000 : number;
        return sane(Duration.between(now, Instant.ofEpochMilli((long) millis)));
    }

    private static Optional<Duration> sane(Duration wait) {
        if (!wait.isPositive() || wait.compareTo(ABSURD) > 0) {
            return Optional.empty();
        }
        return Optional.of(wait.compareTo(LONGEST) > 0 ? LONGEST : wait);
    }

    private static Optional<Double> number(@Nullable String value) {
        String said = value == null ? "" : value.strip();
        return !said.isEmpty() && TimeSpan.afterNumber(said, 0) == said.length()
                ? Optional.of(Double.valueOf(said))
                : Optional.empty();
    }

    private static Optional<Instant> instant(String value) {
        return date(value, DateTimeFormatter.ISO_OFFSET_DATE_TIME)
                .or(() -> date(value, DateTimeFormatter.RFC_1123_DATE_TIME));
    }

    private static Optional<Instant> date(String value, DateTimeFormatter format) {
        try {
            return Optional.of(OffsetDateTime.parse(value, format).toInstant());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
