package dev.gantry.metering;

import static java.util.Objects.requireNonNull;

import dev.gantry.inference.Answer;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.Operation;
import dev.gantry.inference.Usage;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What is known of an attempt's tokens.
 *
 * @param usage null exactly when the source is none
 */
public record TokenCount(UsageSource source, @Nullable Usage usage) {
    private static final Set<TokenKind> OUTPUTS =
            EnumSet.of(TokenKind.OUTPUT_TEXT, TokenKind.OUTPUT_REASONING, TokenKind.OUTPUT_AUDIO);

    private static final Set<TokenKind> INPUTS = EnumSet.complementOf(EnumSet.copyOf(OUTPUTS));

    static final TokenCount NOTHING = new TokenCount(UsageSource.NONE, null);

    static TokenCount of(Operation operation, Attempt attempt) {
        Answer answer = attempt.answer();
        Usage usage = answer == null ? null : answer.usage();
        if (usage == null || empty(usage) || (attempt.succeeded() && idle(usage))) {
            return usage == null ? estimated(attempt) : NOTHING;
        }
        if (!sound(usage)) {
            return new TokenCount(UsageSource.PROVIDER_PARTIAL, withoutContradiction(usage));
        }
        boolean complete = usage.input() != null && output(operation, usage) != null;
        return new TokenCount(
                complete && !interrupted(attempt)
                        ? UsageSource.PROVIDER
                        : UsageSource.PROVIDER_PARTIAL,
                usage);
    }

    /** Providers do not count what an operation does not have. */
    static @Nullable Long output(Operation operation, Usage usage) {
        Long counted = usage.output();
        return counted == null && !operation.tokens().hasOutput() ? Long.valueOf(0) : counted;
    }

    /** Of a stream that was cut: what came of it, and what was sent. */
    private static TokenCount estimated(Attempt attempt) {
        Attempt.Streamed streamed = attempt.streamed();
        return streamed == null || streamed.came() == null
                ? NOTHING
                : new TokenCount(
                        UsageSource.ESTIMATED,
                        streamed.came().orInput(attempt.dispatch().projectedInput()));
    }

    private static boolean empty(Usage usage) {
        return usage.input() == null
                && usage.cacheRead() == null
                && usage.cacheWrite() == null
                && usage.output() == null
                && usage.reasoning() == null
                && usage.counters().isEmpty();
    }

    /** No answer comes of no tokens: whoever says so has not counted. */
    private static boolean idle(Usage usage) {
        return zeroIfAbsent(usage.input()) == 0
                && zeroIfAbsent(usage.output()) == 0
                && zeroIfAbsent(usage.cacheRead()) == 0
                && zeroIfAbsent(usage.cacheWrite()) == 0
                && zeroIfAbsent(usage.reasoning()) == 0
                && usage.counters().values().stream().allMatch(count -> count == 0);
    }

    /** Numbers that contradict each other say nothing: parts above their total, less than none. */
    private static boolean sound(Usage usage) {
        long input = total(usage.input());
        long output = total(usage.output());
        return input >= 0
                && output >= 0
                && zeroIfAbsent(usage.cacheRead()) >= 0
                && zeroIfAbsent(usage.cacheWrite()) >= 0
                && zeroIfAbsent(usage.reasoning()) >= 0
                && least(usage) >= 0
                && sound(TokenKind.ALL, usage, input, output);
    }

    /** Of the counters; 0: there are none. */
    private static long least(Usage usage) {
        return usage.counters().isEmpty() ? 0 : Collections.min(usage.counters().values());
    }

    /** A total that nobody gave holds any part. */
    private static long total(@Nullable Long total) {
        return total == null ? Long.MAX_VALUE : total;
    }

    /**
     * A usage cut into the parts that are priced; they add up to the totals. Below zero: the parts
     * exceed their total.
     */
    static long part(TokenKind kind, Usage usage, long input, long output) {
        return switch (kind) {
            case INPUT_UNCACHED ->
                    input
                            - zeroIfAbsent(usage.cacheRead())
                            - zeroIfAbsent(usage.cacheWrite())
                            - count(usage, TokenKind.INPUT_AUDIO);
            case INPUT_CACHE_READ -> zeroIfAbsent(usage.cacheRead());
            case INPUT_CACHE_WRITE ->
                    zeroIfAbsent(usage.cacheWrite()) - count(usage, TokenKind.INPUT_CACHE_WRITE_1H);
            case INPUT_CACHE_WRITE_1H, INPUT_AUDIO, OUTPUT_AUDIO -> count(usage, kind);
            case OUTPUT_TEXT ->
                    output - zeroIfAbsent(usage.reasoning()) - count(usage, TokenKind.OUTPUT_AUDIO);
            case OUTPUT_REASONING -> zeroIfAbsent(usage.reasoning());
        };
    }

    /** Whether a counter is a part of the tokens, and not billed beside them. */
    static boolean isPart(String counter) {
        return Arrays.stream(TokenKind.values()).anyMatch(each -> counter.equals(each.counter()));
    }

    /** The counter that a line's quantity comes from; null: from none. */
    static @Nullable String counter(String lineKind, Usage usage) {
        for (TokenKind kind : TokenKind.values()) {
            if (kind.label().equals(lineKind)) {
                return kind.counter();
            }
        }
        return usage.counters().containsKey(lineKind) ? lineKind : null;
    }

    private static long count(Usage usage, TokenKind kind) {
        return zeroIfAbsent(usage.counters().get(requireNonNull(kind.counter())));
    }

    /**
     * The totals without the parts that contradict them. Totals come of the counting itself, parts
     * of its interpretation; below zero even a total says nothing.
     */
    private static Usage withoutContradiction(Usage usage) {
        Long input = countedOrNull(usage.input());
        Long output = countedOrNull(usage.output());
        boolean in = sound(INPUTS, usage, total(input), total(output));
        boolean out = sound(OUTPUTS, usage, total(input), total(output));
        Map<String, Long> counters = new HashMap<>(usage.counters());
        counters.values().removeIf(count -> count < 0);
        if (!in) {
            counters.keySet().removeAll(counters(INPUTS));
        }
        if (!out) {
            counters.keySet().removeAll(counters(OUTPUTS));
        }
        return new Usage(
                input,
                in ? usage.cacheRead() : null,
                in ? usage.cacheWrite() : null,
                output,
                out ? usage.reasoning() : null,
                counters,
                usage.raw());
    }

    private static @Nullable Long countedOrNull(@Nullable Long count) {
        return count == null || count < 0 ? null : count;
    }

    private static boolean sound(
            Collection<TokenKind> kinds, Usage usage, long input, long output) {
        for (TokenKind kind : kinds) {
            if (part(kind, usage, input, output) < 0) {
                return false;
            }
        }
        return true;
    }

    private static Set<String> counters(Set<TokenKind> kinds) {
        return kinds.stream()
                .map(TokenKind::counter)
                .filter(Objects::nonNull)
                .collect(Collectors.toSet());
    }

    /** The last count of a broken stream is not its end. */
    private static boolean interrupted(Attempt attempt) {
        if (attempt.error() == null) {
            return false;
        }
        Attempt.Streamed streamed = attempt.streamed();
        ErrorKind kind = attempt.error().kind();
        return (streamed != null && streamed.came() != null)
                || kind == ErrorKind.CANCELLED
                || kind == ErrorKind.TIMEOUT
                || kind == ErrorKind.NETWORK;
    }

    static long zeroIfAbsent(@Nullable Long count) {
        return count == null ? 0 : count;
    }
}
