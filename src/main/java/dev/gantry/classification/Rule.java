package dev.gantry.classification;

import dev.gantry.inference.ErrorKind;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One row of the table. It holds for a failure if the conditions hold and, where the row names
 * evidence (codes, parts of codes, phrases), any of that is found.
 *
 * @param vendors empty: any
 * @param on statuses; empty: any
 * @param not statuses that the row never holds for
 */
record Rule(
        ErrorKind kind,
        Scope scope,
        Set<String> vendors,
        Set<Integer> on,
        Set<Integer> not,
        Wait told,
        Set<String> codes,
        List<String> codeParts,
        List<Phrase> phrases) {

    /** A stated wait of more than this is a used-up period, not a pace. */
    private static final Duration LONG = Duration.ofHours(1);

    /** What the stated wait must be. */
    enum Wait {
        ANY,
        LONG,
        NONE_OR_LONG
    }

    static Rule request(ErrorKind kind) {
        return rule(kind, Scope.REQUEST);
    }

    static Rule lane(ErrorKind kind) {
        return rule(kind, Scope.LANE);
    }

    static Rule instance(ErrorKind kind) {
        return rule(kind, Scope.INSTANCE);
    }

    static Rule account(ErrorKind kind) {
        return rule(kind, Scope.ACCOUNT);
    }

    private static Rule rule(ErrorKind kind, Scope scope) {
        return new Rule(
                kind, scope, Set.of(), Set.of(), Set.of(), Wait.ANY, Set.of(), List.of(),
                List.of());
    }

    Rule vendor(String... names) {
        return new Rule(kind, scope, Set.of(names), on, not, told, codes, codeParts, phrases);
    }

    Rule on(Integer... statuses) {
        return new Rule(
                kind, scope, vendors, Set.of(statuses), not, told, codes, codeParts, phrases);
    }

    Rule not(Integer... statuses) {
        return new Rule(
                kind, scope, vendors, on, Set.of(statuses), told, codes, codeParts, phrases);
    }

    Rule told(Wait stated) {
        return new Rule(kind, scope, vendors, on, not, stated, codes, codeParts, phrases);
    }

    /** A quota of days or more, unless a short wait says that it is a rolling one. */
    Rule period() {
        return on(400, 403, 429).told(Wait.NONE_OR_LONG);
    }

    /** Adds evidence; so do the next two. */
    Rule codes(String... names) {
        Set<String> all = new HashSet<>(codes);
        Collections.addAll(all, names);
        return new Rule(kind, scope, vendors, on, not, told, Set.copyOf(all), codeParts, phrases);
    }

    Rule codeParts(String... parts) {
        return new Rule(kind, scope, vendors, on, not, told, codes, List.of(parts), phrases);
    }

    Rule phrases(String... texts) {
        List<Phrase> all = new ArrayList<>(phrases);
        Arrays.stream(texts).map(Phrase::of).forEach(all::add);
        return new Rule(kind, scope, vendors, on, not, told, codes, codeParts, List.copyOf(all));
    }

    boolean holds(Failure failure) {
        return (vendors.isEmpty() || vendors.contains(failure.vendor()))
                && (on.isEmpty() || on.contains(failure.status()))
                && !not.contains(failure.status())
                && waits(failure.retryAfter())
                && evident(failure);
    }

    private boolean waits(@Nullable Duration stated) {
        boolean isLong = stated != null && stated.compareTo(LONG) > 0;
        return switch (told) {
            case ANY -> true;
            case LONG -> isLong;
            case NONE_OR_LONG -> stated == null || isLong;
        };
    }

    /** What its verdict on a failure that it holds for rests on. */
    Basis basis(Failure failure) {
        return Basis.of(kind, coded(failure), bare() && !on.isEmpty(), failure.status());
    }

    private boolean evident(Failure failure) {
        return bare()
                || coded(failure)
                || phrases.stream().anyMatch(phrase -> phrase.in(failure.text()));
    }

    /** Whether the conditions alone decide. */
    private boolean bare() {
        return codes.isEmpty() && codeParts.isEmpty() && phrases.isEmpty();
    }

    private boolean coded(Failure failure) {
        return failure.codes().stream()
                .anyMatch(
                        code ->
                                codes.contains(code)
                                        || codeParts.stream().anyMatch(code::contains));
    }
}
