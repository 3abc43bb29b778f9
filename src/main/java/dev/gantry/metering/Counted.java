package dev.gantry.metering;

import dev.gantry.inference.Answer;
import dev.gantry.inference.Attempt;
import dev.gantry.inference.ErrorKind;
import dev.gantry.inference.Operation;
import dev.gantry.inference.Usage;

import org.jspecify.annotations.Nullable;

/**
 * What is known of an attempt's tokens.
 *
 * @param usage null exactly when the source is none
 */
public record Counted(UsageSource source, @Nullable Usage usage) {
    static final Counted NOTHING = new Counted(UsageSource.NONE, null);

    static Counted of(Operation operation, Attempt attempt) {
        Answer answer = attempt.answer();
        Usage usage = answer == null ? null : answer.usage();
        if (usage == null || empty(usage)) {
            return NOTHING;
        }
        if (!sound(usage)) {
            return new Counted(UsageSource.PROVIDER_PARTIAL, withoutTokens(usage));
        }
        boolean complete = usage.input() != null && output(operation, usage) != null;
        return new Counted(
                complete && !interrupted(attempt)
                        ? UsageSource.PROVIDER
                        : UsageSource.PROVIDER_PARTIAL,
                usage);
    }

    /** Embeddings have no output, and providers do not count it. */
    static @Nullable Long output(Operation operation, Usage usage) {
        Long counted = usage.output();
        return counted == null && operation == Operation.EMBEDDINGS ? Long.valueOf(0) : counted;
    }

    private static boolean empty(Usage usage) {
        return usage.input() == null
                && usage.cacheRead() == null
                && usage.cacheWrite() == null
                && usage.output() == null
                && usage.reasoning() == null
                && usage.counters().isEmpty();
    }

    /** Numbers that contradict each other say nothing: parts above their total, less than none. */
    private static boolean sound(Usage usage) {
        return part(usage.cacheRead(), 0, usage.input())
                && part(usage.cacheWrite(), zeroIfAbsent(usage.cacheRead()), usage.input())
                && part(usage.reasoning(), 0, usage.output())
                && zeroIfAbsent(usage.input()) >= 0
                && zeroIfAbsent(usage.output()) >= 0
                && usage.counters().values().stream().allMatch(count -> count >= 0);
    }

    private static boolean part(@Nullable Long part, long others, @Nullable Long total) {
        return part == null || total == null || (part >= 0 && part <= total - others);
    }

    private static Usage withoutTokens(Usage usage) {
        return new Usage(null, null, null, null, null, usage.counters(), usage.raw());
    }

    /** The last count of a broken stream is not its end. */
    private static boolean interrupted(Attempt attempt) {
        if (attempt.error() == null) {
            return false;
        }
        ErrorKind kind = attempt.error().kind();
        return kind == ErrorKind.CANCELLED
                || kind == ErrorKind.TIMEOUT
                || kind == ErrorKind.NETWORK;
    }

    static long zeroIfAbsent(@Nullable Long count) {
        return count == null ? 0 : count;
    }
}
