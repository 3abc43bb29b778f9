package dev.gantry.simulator.quota;

import dev.gantry.simulator.script.LimitHeaderStyle;
import dev.gantry.simulator.script.ProviderStyle;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;

/** Says in an answer's headers what is left of the limits. */
public final class LimitHeading {
    private LimitHeading() {}

    /**
     * Of one answer.
     *
     * @param style whose words the answer wears, unless the script names the headers
     */
    public static Map<String, String> of(Grant grant, ProviderStyle style, Instant now) {
        Map<String, String> headers = new LinkedHashMap<>();
        LimitHeaderStyle said = grant.limit().headers();
        LimitHeaderStyle way = said == null ? usual(style) : said;
        add(headers, way, "requests", grant.requests(), grant, now);
        if (way != LimitHeaderStyle.DRAFT) {
            add(headers, way, "tokens", grant.tokens(), grant, now);
        }
        return headers;
    }

    private static LimitHeaderStyle usual(ProviderStyle style) {
        return switch (style) {
            case OPENAI -> LimitHeaderStyle.OPENAI;
            case AZURE -> LimitHeaderStyle.AZURE;
            case ANTHROPIC -> LimitHeaderStyle.ANTHROPIC;
            case GEMINI -> LimitHeaderStyle.NONE;
        };
    }

    private static void add(
            Map<String, String> headers,
            LimitHeaderStyle way,
            String counted,
            TokenBucket.@Nullable Level level,
            Grant grant,
            Instant now) {
        if (level == null) {
            return;
        }
        String limit = Long.toString(level.limit());
        String remaining = Long.toString(level.remaining());
        String seconds = Long.toString(seconds(level.full()));
        String period = Long.toString(grant.limit().per().toSeconds());
        switch (way) {
            case OPENAI -> {
                named(headers, counted, limit, remaining);
                headers.put("x-ratelimit-reset-" + counted, brief(level.full()));
            }
            case AZURE -> {
                named(headers, counted, limit, remaining);
                headers.put("x-ratelimit-reset-" + counted, seconds);
                headers.put("x-ratelimit-renewalperiod-" + counted, period);
            }
            case ANTHROPIC -> {
                String name = "anthropic-ratelimit-" + counted;
                Instant full = now.plus(level.full()).plusMillis(999);
                headers.put(name + "-limit", limit);
                headers.put(name + "-remaining", remaining);
                headers.put(name + "-reset", full.truncatedTo(ChronoUnit.SECONDS).toString());
            }
            case DRAFT -> {
                headers.put("ratelimit-policy", "\"default\";q=%s;w=%s".formatted(limit, period));
                headers.put("ratelimit", "\"default\";r=%s;t=%s".formatted(remaining, seconds));
            }
            case NONE -> {}
        }
    }

    private static void named(
            Map<String, String> headers, String counted, String limit, String remaining) {
        headers.put("x-ratelimit-limit-" + counted, limit);
        headers.put("x-ratelimit-remaining-" + counted, remaining);
    }

    private static long seconds(Duration time) {
        return time.plusNanos(999_999_999).toSeconds();
    }

    /** As OpenAI writes times: 120ms, 1.78s, 6m0s. */
    public static String brief(Duration time) {
        long millis = time.plusNanos(999_999).toMillis();
        if (millis < 1000) {
            return millis + "ms";
        }
        if (millis < 60_000) {
            return "%ss".formatted(millis / 1000.0).replace(".0s", "s");
        }
        String minutes = "%dm%ds".formatted(millis / 60_000 % 60, millis / 1000 % 60);
        return millis < 3_600_000 ? minutes : millis / 3_600_000 + "h" + minutes;
    }
}
