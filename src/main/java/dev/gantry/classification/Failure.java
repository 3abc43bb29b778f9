package dev.gantry.classification;

import dev.gantry.inference.RequestBody;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Set;

/**
 * The facts of a failed answer that rules look at.
 *
 * @param status as the body says it, where the body knows better than the envelope
 * @param codes every code, type and reason of the body, in lower case
 * @param text comparable, the provider's own words, at most 4 KiB
 * @param codesInText codes that a gateway has put into a sentence
 * @param page whether the body is a page of HTML
 * @param retryAfter how long the provider asks to be left alone
 */
record Failure(
        int status,
        String vendor,
        Set<String> codes,
        String text,
        Set<String> codesInText,
        boolean page,
        @Nullable Duration retryAfter) {
    Failure {
        codes = Set.copyOf(codes);
        codesInText = Set.copyOf(codesInText);
    }

    /**
     * @param own comparable, the provider's own words
     */
    static Failure of(
            int status,
            String vendor,
            Set<String> codes,
            String own,
            boolean page,
            @Nullable Duration retryAfter) {
        return new Failure(status, vendor, codes, own, Wording.codes(own), page, retryAfter);
    }

    /** No body at all. */
    static Failure silent(int status, String vendor) {
        return new Failure(status, vendor, Set.of(), "", Set.of(), false, null);
    }

    /** Without any words: where these change nothing, nobody need ask whose they are. */
    Failure mute() {
        return new Failure(status, vendor, codes, "", Set.of(), page, retryAfter);
    }

    /**
     * Without the words that also stand in the request. Where the request is what is refused, a
     * sentence that held any of them is none of the provider's.
     */
    Failure withoutEcho(RequestBody request) {
        String own = SharedWords.blanked(text, request);
        String left = isOfRequest() ? SharedWords.wholeSentences(own) : own;
        return new Failure(status, vendor, codes, left, Wording.codes(left), page, retryAfter);
    }

    /** Under these statuses most words are about the request, and many are out of it. */
    boolean isOfRequest() {
        return status == 400 || status == 422;
    }
}
