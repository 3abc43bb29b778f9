package dev.gantry.classification;

import dev.gantry.inference.ErrorKind;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * One row of the table. It holds for a failure if its conditions hold and, where it names evidence,
 * any of that is found.
 *
 * @param name of the part of the table that it stands in
 */
record Rule(String name, ErrorKind kind, Scope scope, Condition when, Evidence evidence) {
    /** A stated wait of more than this is a used-up period, not a pace. */
    private static final Duration LONG = Duration.ofHours(1);

    /** What the stated wait must be. */
    enum Wait {
        ANY,
        LONG,
        SHORT,
        NONE_OR_LONG
    }

    /**
     * What must be so.
     *
     * @param vendors empty: any
     * @param on statuses; empty: any
     * @param not statuses that the row never holds for
     * @param page whether the body must be a page of HTML, which is a firewall's, not an API's
     */
    private record Condition(
            Set<String> vendors, Set<Integer> on, Set<Integer> not, Wait told, boolean page) {
        static final Condition NONE = new Condition(Set.of(), Set.of(), Set.of(), Wait.ANY, false);

        boolean holds(Failure failure) {
            return (vendors.isEmpty() || vendors.contains(failure.vendor()))
                    && (on.isEmpty() || on.contains(failure.status()))
                    && !not.contains(failure.status())
                    && (!page || failure.page())
                    && waits(failure.retryAfter());
        }

        private boolean waits(@Nullable Duration stated) {
            boolean isLong = stated != null && stated.compareTo(LONG) > 0;
            return switch (told) {
                case ANY -> true;
                case LONG -> isLong;
                case SHORT -> stated != null && !isLong;
                case NONE_OR_LONG -> stated == null || isLong;
            };
        }
    }

    /** What any must be found of; nothing named: the conditions decide. */
    private record Evidence(Set<String> codes, List<String> codeParts, List<Phrase> phrases) {
        static final Evidence NONE = new Evidence(Set.of(), List.of(), List.of());

        boolean isBare() {
            return codes.isEmpty() && codeParts.isEmpty() && phrases.isEmpty();
        }

        /** As the table writes it, never as the provider does. */
        Optional<String> code(Set<String> given) {
            String first = null;
            for (String code : given) {
                first = codes.contains(code) ? lesser(code, first) : first;
                for (String part : codeParts) {
                    first = code.contains(part) ? lesser(part, first) : first;
                }
            }
            return Optional.ofNullable(first);
        }

        private static String lesser(String one, @Nullable String other) {
            return other == null || one.compareTo(other) < 0 ? one : other;
        }

        Optional<String> words(Failure failure) {
            boolean ofRequest = failure.isOfRequest();
            for (Phrase phrase : phrases) {
                if (!(ofRequest && phrase.oneWord()) && phrase.in(failure.text())) {
                    return Optional.of(phrase.text());
                }
            }
            return code(failure.codesInText());
        }
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
        return new Rule("", kind, scope, Condition.NONE, Evidence.NONE);
    }

    /** Rows of one part of the table. */
    static Stream<Rule> named(String name, List<Rule> rows) {
        return rows.stream()
                .map(row -> new Rule(name, row.kind, row.scope, row.when, row.evidence));
    }

    Rule vendor(String... names) {
        return when(new Condition(Set.of(names), when.on, when.not, when.told, when.page));
    }

    Rule on(Integer... statuses) {
        return when(new Condition(when.vendors, Set.of(statuses), when.not, when.told, when.page));
    }

    Rule not(Integer... statuses) {
        return when(new Condition(when.vendors, when.on, Set.of(statuses), when.told, when.page));
    }

    Rule told(Wait stated) {
        return when(new Condition(when.vendors, when.on, when.not, stated, when.page));
    }

    Rule page() {
        return when(new Condition(when.vendors, when.on, when.not, when.told, true));
    }

    /** A quota of days or more, unless a short wait says that it is a rolling one. */
    Rule period() {
        return on(400, 403, 429).told(Wait.NONE_OR_LONG);
    }

    private Rule when(Condition condition) {
        return new Rule(name, kind, scope, condition, evidence);
    }

    /** Adds evidence; so do the next two. */
    Rule codes(String... names) {
        Set<String> all = new HashSet<>(evidence.codes);
        Collections.addAll(all, names);
        return proving(new Evidence(Set.copyOf(all), evidence.codeParts, evidence.phrases));
    }

    Rule codeParts(String... parts) {
        List<String> all = new ArrayList<>(evidence.codeParts);
        Collections.addAll(all, parts);
        return proving(new Evidence(evidence.codes, List.copyOf(all), evidence.phrases));
    }

    Rule phrases(String... texts) {
        List<Phrase> all = new ArrayList<>(evidence.phrases);
        Arrays.stream(texts).map(Phrase::of).forEach(all::add);
        return proving(new Evidence(evidence.codes, evidence.codeParts, List.copyOf(all)));
    }

    private Rule proving(Evidence found) {
        return new Rule(name, kind, scope, when, found);
    }

    boolean holds(Failure failure) {
        return when.holds(failure)
                && (evidence.isBare()
                        || evidence.code(failure.codes()).isPresent()
                        || evidence.words(failure).isPresent());
    }

    /** What its verdict on a failure that it holds for rests on. */
    Basis basis(Failure failure) {
        boolean coded = evidence.code(failure.codes()).isPresent();
        return Basis.of(kind, coded, evidence.isBare() && !when.on.isEmpty(), failure.status());
    }

    /** Whether it is this row of the table. */
    boolean is(Rule row) {
        return kind == row.kind && when.equals(row.when) && evidence.equals(row.evidence);
    }

    /** Whether another row comes to the same. */
    boolean says(Rule other) {
        return kind == other.kind && scope == other.scope;
    }

    /** Whether only words speak for it. */
    boolean restsOnWords(Failure failure) {
        return !evidence.isBare() && evidence.code(failure.codes()).isEmpty();
    }

    /**
     * The part of the table and what of its own words was found: nothing of the provider's, so it
     * may be told to anybody.
     */
    String found(Failure failure) {
        return evidence.code(failure.codes())
                .or(() -> evidence.words(failure))
                .map(own -> name + ": " + own)
                .orElse(name);
    }
}
