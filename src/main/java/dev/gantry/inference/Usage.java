package dev.gantry.inference;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;
import java.util.Map;

/**
 * Tokens as the provider counted them. Null is unknown, 0 is a measured zero.
 *
 * @param input inclusive; cacheRead and cacheWrite are parts of it
 * @param output inclusive; reasoning is a part of it
 * @param counters what else is billed, for example web_search
 * @param raw the provider's usage object as it came, null where absent or over 4 KiB
 */
public record Usage(
        @Nullable Long input,
        @Nullable Long cacheRead,
        @Nullable Long cacheWrite,
        @Nullable Long output,
        @Nullable Long reasoning,
        Map<String, Long> counters,
        @Nullable String raw) {
    public Usage {
        counters = Map.copyOf(counters);
    }

    /** The same with more that is billed apart. */
    public Usage counting(Map<String, Long> more) {
        Map<String, Long> all = new HashMap<>(counters);
        more.forEach((name, count) -> all.merge(name, count, Long::sum));
        return new Usage(input, cacheRead, cacheWrite, output, reasoning, all, raw);
    }

    /** The same with so much output, if less was counted. */
    public Usage atLeast(long more) {
        Long most = output == null ? Long.valueOf(more) : Long.valueOf(Math.max(output, more));
        return new Usage(input, cacheRead, cacheWrite, most, reasoning, counters, raw);
    }

    /** The same with this input, if none was counted. */
    public Usage orInput(@Nullable Long projected) {
        return input != null
                ? this
                : new Usage(projected, cacheRead, cacheWrite, output, reasoning, counters, raw);
    }
}
