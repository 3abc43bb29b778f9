package dev.gantry.limit;

import dev.gantry.limit.ToldLimit.Counted;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code RateLimit} and {@code RateLimit-Policy} as the IETF drafts have them: {@code
 * "default";r=50;t=30} beside {@code "default";q=100;w=60}, and before that {@code limit=100,
 * remaining=50, reset=30} beside {@code 100;w=60}. Of requests, unless they say that something else
 * is counted.
 */
final class DraftedLimits {
    private DraftedLimits() {}

    static List<ToldLimit> read(String drafted, @Nullable String policy) {
        if (drafted.contains("remaining=")) {
            ToldLimit old =
                    told(
                            number(drafted, "limit"),
                            number(drafted, "remaining"),
                            number(drafted, "reset"),
                            window(drafted, policy));
            return old == null ? List.of() : List.of(old);
        }
        List<ToldLimit> told = new ArrayList<>();
        for (String item : drafted.split(",", -1)) {
            String rule = policy == null ? "" : rule(name(item), policy);
            ToldLimit each =
                    rule.contains("qu=") && !rule.contains("qu=\"requests\"")
                            ? null // bytes, or calls at once
                            : told(
                                    number(rule, "q"),
                                    number(item, "r"),
                                    number(item, "t"),
                                    window(rule, null));
            if (each != null) {
                told.add(each);
            }
        }
        return told;
    }

    /**
     * The period of a bare limit: {@code 100;w=60}, or as the only policy has it.
     *
     * @return null: not said, or there are several
     */
    static @Nullable Duration window(@Nullable String limit, @Nullable String policy) {
        long seconds = number(limit == null ? "" : limit, "w");
        if (seconds <= 0 && policy != null && policy.indexOf(',') < 0) {
            seconds = number(policy, "w");
        }
        return seconds > 0 ? Duration.ofSeconds(seconds) : null;
    }

    private static @Nullable ToldLimit told(
            long limit, long remaining, long reset, @Nullable Duration per) {
        boolean paced = remaining >= 0 && reset > 0;
        return limit > 0 || paced
                ? new ToldLimit(
                        Counted.REQUESTS,
                        Math.max(0, limit),
                        per,
                        remaining,
                        reset > 0 ? Duration.ofSeconds(reset) : null)
                : null;
    }

    private static String name(String item) {
        int end = item.indexOf(';');
        return (end < 0 ? item : item.substring(0, end)).strip();
    }

    private static String rule(String name, String policy) {
        for (String item : policy.split(",", -1)) {
            if (name(item).equals(name)) {
                return item;
            }
        }
        return "";
    }

    /** Of a parameter; -1: it is not there, or no number. */
    private static long number(String item, String parameter) {
        for (String part : item.split("[;,]", -1)) {
            String each = part.strip();
            if (each.startsWith(parameter + "=")) {
                return LimitHeaders.whole(each.substring(parameter.length() + 1));
            }
        }
        return -1;
    }
}
