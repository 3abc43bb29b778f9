package dev.gantry.simulator;

import org.jspecify.annotations.Nullable;

import java.time.Instant;

/**
 * One call in the ledger.
 *
 * @param attemptId the request's X-Client-Request-Id
 * @param model as asked for; empty if the request named none
 * @param key never the key itself, but its last characters
 * @param status what was sent, or begun; 0: nothing
 * @param tokens what is billed; none if it is not
 */
public record Call(
        @Nullable String attemptId,
        String model,
        @Nullable String key,
        Instant started,
        Instant ended,
        Disposition disposition,
        int status,
        BilledTokens tokens,
        boolean billed) {
    /** How the call ended, as the provider sees it. */
    public enum Disposition {
        ANSWERED,
        REJECTED,
        CUT_BEFORE,
        CUT_DURING,
        HUNG,
        /** The client closed the connection while the call was under way. */
        CLIENT_GONE
    }
}
