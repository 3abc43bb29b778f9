package dev.gantry.classification;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Set;

/**
 * The facts of a failed answer that rules look at.
 *
 * @param status as the body says it, where the body knows better than the envelope
 * @param codes every code, type and reason of the body, in lower case
 * @param text comparable, at most 4 KiB
 * @param retryAfter how long the provider asks to be left alone
 */
record Failure(
        int status, String vendor, Set<String> codes, String text, @Nullable Duration retryAfter) {
    Failure {
        codes = Set.copyOf(codes);
    }
}
