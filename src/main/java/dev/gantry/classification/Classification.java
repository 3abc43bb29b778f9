package dev.gantry.classification;

import dev.gantry.inference.ErrorKind;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/**
 * Why a call failed.
 *
 * @param message the request's own: it may quote the provider, who may quote the prompt; at most
 *     500 characters, free of secrets
 * @param reason anybody's: status, code and the rule that matched, and no word of the provider's
 * @param code the provider's own error code or type, at most 64 characters of a code's shape
 * @param retryAfter how long the provider asks to be left alone
 * @param quotaTooSmall with context_overflow: the request exceeds the lane's whole quota per
 *     minute, not its window; any other lane may take it
 * @param basis what the verdict rests on
 * @param objection with bad_request: what the provider has against the request's form
 */
public record Classification(
        ErrorKind kind,
        Scope scope,
        String message,
        String reason,
        @Nullable String code,
        @Nullable Duration retryAfter,
        boolean quotaTooSmall,
        Basis basis,
        @Nullable Objection objection) {
    static final int MESSAGE_LIMIT = 500;

    public Classification {
        if (message.length() > MESSAGE_LIMIT) {
            throw new IllegalArgumentException(
                    "message has %d characters; at most %d"
                            .formatted(message.length(), MESSAGE_LIMIT));
        }
    }

    /** In words that are our own, and so anybody's. */
    static Classification of(ErrorKind kind, Scope scope, String message, Basis basis) {
        return new Classification(kind, scope, message, message, null, null, false, basis, null);
    }
}
