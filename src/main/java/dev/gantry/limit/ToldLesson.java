package dev.gantry.limit;

import dev.gantry.limit.ToldLimit.Counted;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What the headers of one answer come to for a scope.
 *
 * @param perMinute limits that they teach
 * @param paces what remains until a reset, spread over that time
 */
record ToldLesson(Map<LimitDimension, Double> perMinute, Map<LimitDimension, Pace> paces) {
    /** A limit of a day is used as it is wanted, and then its reset is waited for. */
    private static final Duration LONGEST_PACED = Duration.ofHours(1);

    /** What an hour brings may be used at once. */
    private static final Duration LONGEST_TAUGHT = Duration.ofMinutes(5);

    private static final double MINUTE = 60;

    record Pace(double perSecond, Duration left) {}

    static ToldLesson of(List<ToldLimit> told) {
        Map<LimitDimension, Double> perMinute = new EnumMap<>(LimitDimension.class);
        Map<LimitDimension, Pace> paces = new EnumMap<>(LimitDimension.class);
        ToldLimit requests = tightest(told, Counted.REQUESTS);
        if (requests != null) {
            teach(LimitDimension.REQUESTS_PER_MINUTE, rate(requests), perMinute);
            pace(LimitDimension.REQUESTS_PER_MINUTE, requests, requests.pace(), paces);
        }
        ToldLimit input = tightest(told, Counted.INPUT_TOKENS);
        ToldLimit output = tightest(told, Counted.OUTPUT_TOKENS);
        ToldLimit both = tightest(told, Counted.TOKENS);
        if (input != null && output != null) {
            // Where they stand beside a common one, that is the tighter of the two.
            double rate = rate(input) + rate(output);
            teach(LimitDimension.TOKENS_PER_MINUTE, rate, perMinute);
            ToldLimit slower = part(input) < part(output) ? input : output;
            pace(LimitDimension.TOKENS_PER_MINUTE, slower, part(slower) * rate, paces);
        } else if (both != null) {
            teach(LimitDimension.TOKENS_PER_MINUTE, rate(both), perMinute);
            pace(LimitDimension.TOKENS_PER_MINUTE, both, both.pace(), paces);
        }
        return new ToldLesson(perMinute, paces);
    }

    boolean nothing() {
        return perMinute.isEmpty() && paces.isEmpty();
    }

    private static @Nullable ToldLimit tightest(List<ToldLimit> told, Counted counted) {
        ToldLimit least = null;
        for (ToldLimit each : told) {
            Duration period = each.per() == null ? each.reset() : each.per();
            if (each.counted() == counted
                    && (period == null || period.compareTo(LONGEST_PACED) <= 0)
                    && (least == null || each.rate() < least.rate())) {
                least = each;
            }
        }
        return least;
    }

    private static double rate(ToldLimit told) {
        Duration per = told.per();
        return per != null && per.compareTo(LONGEST_TAUGHT) <= 0
                ? told.rate()
                : Double.POSITIVE_INFINITY;
    }

    /** Of its rate, what is left. */
    private static double part(ToldLimit told) {
        double rate = told.rate();
        return Double.isInfinite(rate) || Double.isInfinite(told.pace())
                ? Double.POSITIVE_INFINITY
                : told.pace() / rate;
    }

    private static void teach(
            LimitDimension dimension, double perSecond, Map<LimitDimension, Double> perMinute) {
        if (!Double.isInfinite(perSecond) && perSecond > 0) {
            perMinute.put(dimension, perSecond * MINUTE);
        }
    }

    private static void pace(
            LimitDimension dimension,
            ToldLimit told,
            double perSecond,
            Map<LimitDimension, Pace> paces) {
        Duration left = told.reset();
        if (left != null && !Double.isInfinite(perSecond) && !Double.isNaN(perSecond)) {
            paces.put(dimension, new Pace(perSecond, left));
        }
    }
}
