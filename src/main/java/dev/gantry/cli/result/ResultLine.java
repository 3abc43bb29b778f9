package dev.gantry.cli.result;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.util.List;

/**
 * What the summary needs of a result; the line itself is handed on as its bytes.
 *
 * @param id the result's own, derived from where its request stands
 * @param status the provider's HTTP status, null where Gantry itself ended the request
 * @param errorCode why Gantry ended it, null where a provider answered
 * @param cost USD, null where unknown
 */
record ResultLine(
        @Nullable String id,
        String customId,
        @Nullable String batchId,
        @Nullable Integer status,
        String outcome,
        @Nullable String errorCode,
        List<Try> attempts,
        Tokens tokens,
        @Nullable BigDecimal cost,
        @Nullable Long queuedMs,
        @Nullable Long tookMs) {
    ResultLine {
        attempts = List.copyOf(attempts);
    }

    /**
     * One entry of the attempts, possibly several folded into one.
     *
     * @param verdict the attempt's status, or the kind of its error
     * @param cost USD, null where unknown
     */
    record Try(String lane, String verdict, long count, @Nullable BigDecimal cost) {}

    /** As the answer's usage says; absent counts as nothing. */
    public record Tokens(long prompt, long completion, long cached, long reasoning) {
        static final Tokens NONE = new Tokens(0, 0, 0, 0);

        Tokens plus(Tokens more) {
            return new Tokens(
                    prompt + more.prompt,
                    completion + more.completion,
                    cached + more.cached,
                    reasoning + more.reasoning);
        }
    }

    boolean succeeded() {
        return status != null && status == 200;
    }
}
