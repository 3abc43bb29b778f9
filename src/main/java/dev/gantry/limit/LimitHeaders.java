package dev.gantry.limit;

import dev.gantry.classification.WaitHint;
import dev.gantry.limit.ToldLimit.Counted;

import org.jspecify.annotations.Nullable;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads what providers say of their limits in the headers of their answers. What is malformed, or
 * says nothing (Azure's -1 and 0), is passed over. Pure, and quick: one look-up for each header.
 */
public final class LimitHeaders {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Duration DAY = Duration.ofDays(1);

    /** No limit per minute takes longer to be whole again; half a minute for slow clocks. */
    private static final Duration MINUTE_AT_MOST = Duration.ofSeconds(90);

    /** What is whole again within so many seconds is not counted by the minute. */
    private static final double SECONDS_AT_MOST = 5;

    /** Resets come in whole milliseconds, and what remains in whole calls. */
    private static final double ABOUT_A_SECOND = 0.3;

    /** How exactly what was used and its reset have to fit a period that nobody names. */
    private static final double FIT = 0.05;

    /** More digits than any limit has. */
    private static final int DIGITS = 15;

    private static final Map<String, Duration> UNITS =
            Map.ofEntries(
                    Map.entry("-second", Duration.ofSeconds(1)),
                    Map.entry("-minute", MINUTE),
                    Map.entry("-per-minute", MINUTE),
                    Map.entry("-1m", MINUTE),
                    Map.entry("-hour", HOUR),
                    Map.entry("-per-hour", HOUR),
                    Map.entry("-1h", HOUR),
                    Map.entry("-day", DAY),
                    Map.entry("-per-day", DAY),
                    Map.entry("-1d", DAY),
                    Map.entry("-daily", DAY),
                    Map.entry("-month", Duration.ofDays(30)));

    private static final Map<String, Place> PLACES = places();

    /** Which part of a limit a header says. */
    private enum Part {
        LIMIT("limit"),
        REMAINING("remaining"),
        RESET("reset"),
        /** Azure: the limit's period in seconds. */
        PERIOD("renewalperiod");

        private final String word;

        Part(String word) {
            this.word = word;
        }
    }

    /**
     * Headers that speak of one limit.
     *
     * @param per null: their names do not say
     * @param bare not even what is counted is named: they are read as of requests
     */
    private record Family(Counted counted, @Nullable Duration per, boolean bare) {}

    private record Place(Family family, Part part) {}

    private LimitHeaders() {}

    /**
     * Reads one answer's.
     *
     * @param headers names in lower case
     * @param vendor whose: with some, a name means something else
     * @param now by the worker's clock; an answer's own date goes before it
     */
    public static List<ToldLimit> read(Map<String, String> headers, String vendor, Instant now) {
        List<Reading> readings = new ArrayList<>(0);
        headers.forEach(
                (name, value) -> {
                    Place place = PLACES.get(name);
                    if (place != null) {
                        of(place.family(), readings).take(place.part(), value);
                    }
                });
        String drafted = headers.get("ratelimit");
        String policy = headers.get("ratelimit-policy");
        if (readings.isEmpty() && drafted == null) {
            return List.of();
        }
        boolean instants = readings.stream().anyMatch(Reading::endsAtAnInstant);
        Instant asked = instants ? dated(headers.get("date"), now) : now;
        List<ToldLimit> told = new ArrayList<>(readings.size());
        for (Reading each : readings) {
            ToldLimit limit = each.told(vendor, policy, asked);
            if (limit != null) {
                told.add(limit);
            }
        }
        if (drafted != null) {
            told.addAll(DraftedLimits.read(drafted, policy));
        }
        return told;
    }

    private static Instant dated(@Nullable String date, Instant now) {
        try {
            return date == null
                    ? now
                    : Instant.from(DateTimeFormatter.RFC_1123_DATE_TIME.parse(date));
        } catch (DateTimeException _) {
            return now;
        }
    }

    private static Reading of(Family family, List<Reading> readings) {
        for (Reading each : readings) {
            if (each.family.equals(family)) {
                return each;
            }
        }
        Reading begun = new Reading(family);
        readings.add(begun);
        return begun;
    }

    /** A number from 0 on, of which a fraction is cut off; -1: none, or what is none. */
    static long whole(@Nullable String text) {
        if (text == null) {
            return -1;
        }
        long value = 0;
        int digits = 0;
        int length = text.length();
        while (digits < length && Character.digit(text.charAt(digits), 10) >= 0) {
            value = digits < DIGITS ? value * 10 + Character.digit(text.charAt(digits), 10) : value;
            digits++;
        }
        boolean ends = digits == length || ".,; ".indexOf(text.charAt(digits)) >= 0;
        return digits > 0 && digits <= DIGITS && ends ? value : -1;
    }

    /** What one answer says of one limit. */
    private static final class Reading {
        private final Family family;
        private @Nullable String limit;
        private @Nullable String remaining;
        private @Nullable String reset;
        private @Nullable String period;

        Reading(Family family) {
            this.family = family;
        }

        void take(Part part, String value) {
            switch (part) {
                case LIMIT -> limit = value;
                case REMAINING -> remaining = value;
                case RESET -> reset = value;
                case PERIOD -> period = value;
            }
        }

        /** Of the provider's clock. */
        boolean endsAtAnInstant() {
            return reset != null && reset.length() > 9;
        }

        @Nullable ToldLimit told(String vendor, @Nullable String policy, Instant now) {
            long most = whole(limit);
            if (limit != null && most <= 0) {
                return null; // Azure: whatever remains of no limit says nothing either
            }
            long left = whole(remaining);
            Duration wait = reset == null ? null : WaitHint.spelled(reset, now).orElse(null);
            boolean paced = left >= 0 && wait != null;
            if (most <= 0 && !paced) {
                return null;
            }
            return new ToldLimit(
                    family.counted,
                    Math.max(0, most),
                    most > 0 ? per(vendor, policy, most, left, wait) : null,
                    left,
                    wait);
        }

        private @Nullable Duration per(
                String vendor,
                @Nullable String policy,
                long most,
                long left,
                @Nullable Duration wait) {
            if (family.per != null) {
                return family.per;
            }
            long seconds = whole(period);
            if (seconds > 0) {
                return Duration.ofSeconds(seconds);
            }
            if (family.bare) {
                return DraftedLimits.window(limit, policy);
            }
            if (vendor.equals("groq") && family.counted == Counted.REQUESTS) {
                return DAY;
            }
            return unnamed(most, left, wait);
        }

        /**
         * A minute, if nothing speaks against it. To take a day's limit for a minute's is a small
         * mistake, as what remains still holds; the other way round the lane would stand still, as
         * it would with a second's limit that is taken for a minute's. Where a bucket refills
         * evenly, what was used of it and the reset give its period away.
         */
        private @Nullable Duration unnamed(long most, long left, @Nullable Duration wait) {
            boolean quick = wait == null || wait.compareTo(MINUTE_AT_MOST) <= 0;
            boolean evenly = reset != null && (reset.endsWith("s") || !quick);
            if (evenly && wait != null && left >= 0 && left < most) {
                double fills = ToldLimit.seconds(wait) * most / (most - left);
                if (fits(fills, DAY)) {
                    return DAY;
                }
                if (fits(fills, HOUR)) {
                    return HOUR;
                }
                if (fills < SECONDS_AT_MOST) {
                    return Math.abs(fills - 1) <= ABOUT_A_SECOND ? Duration.ofSeconds(1) : null;
                }
            }
            return quick ? MINUTE : null;
        }

        private static boolean fits(double seconds, Duration period) {
            return Math.abs(seconds / ToldLimit.seconds(period) - 1) <= FIT;
        }
    }

    private static Map<String, Place> places() {
        Map<String, Place> all = new HashMap<>();
        Map<String, Counted> counted = new LinkedHashMap<>();
        counted.put("-requests", Counted.REQUESTS);
        counted.put("-req", Counted.REQUESTS);
        counted.put("-tokens", Counted.TOKENS);
        counted.put("-tokens-prompt", Counted.INPUT_TOKENS);
        counted.put("-input-tokens", Counted.INPUT_TOKENS);
        counted.put("-tokens-generated", Counted.OUTPUT_TOKENS);
        counted.put("-output-tokens", Counted.OUTPUT_TOKENS);
        for (Part part : Part.values()) {
            String said = "x-ratelimit-" + part.word;
            counted.forEach((name, of) -> add(all, said + name, part, new Family(of, null, false)));
            // Kong: no more than the period.
            add(all, said, part, new Family(Counted.REQUESTS, null, true));
            all.put("ratelimit-" + part.word, bare(Counted.REQUESTS, part));
            all.put("x-tokenlimit-" + part.word, bare(Counted.TOKENS, part));
            for (String name : List.of("requests", "tokens", "input-tokens", "output-tokens")) {
                Counted what = counted.getOrDefault("-" + name, Counted.TOKENS);
                Family family = new Family(what, MINUTE, false);
                all.put(
                        "anthropic-ratelimit-%s-%s".formatted(name, part.word),
                        new Place(family, part));
            }
        }
        return Map.copyOf(all);
    }

    private static Place bare(Counted counted, Part part) {
        return new Place(new Family(counted, null, true), part);
    }

    /** The name alone, and with each period. */
    private static void add(Map<String, Place> all, String name, Part part, Family family) {
        all.put(name, new Place(family, part));
        UNITS.forEach(
                (unit, per) ->
                        all.put(
                                name + unit,
                                new Place(new Family(family.counted, per, false), part)));
    }
}
