package dev.gantry.inference;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/**
 * Why an attempt failed.
 *
 * @param message the request's own, since it may quote the provider: for its result, and for its
 *     audit where that shows content; at most 500 characters, free of secrets
 * @param reason the same for everybody: status, code and the rule that matched
 * @param code the provider's own error code or type
 * @param retryAfter how long the provider asks to be left alone
 * @param submitted whether request bytes were sent; false: nothing can have been billed
 * @param refusedConnection whether the connection itself was refused: bounded like a refusal, uses
 *     no attempt
 */
public record AttemptError(
        ErrorKind kind,
        String message,
        String reason,
        @Nullable String code,
        @Nullable Duration retryAfter,
        boolean submitted,
        boolean refusedConnection) {}
