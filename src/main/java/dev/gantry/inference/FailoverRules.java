package dev.gantry.inference;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What lets a policy's chain advance: each rule as it was written, or its own default (routing
 * rules, section 7.1). Pure.
 *
 * @param onStatus HTTP statuses that advance
 * @param onErrorKinds kinds that advance
 * @param onTimeout the longest that a call of a link without a time of its own may take; null: as
 *     long as its lane allows
 * @param maxAttempts null: as many as the chain has links
 * @param advanceOnPermanent whether what another lane is not expected to mend advances as well
 * @param retries how often a call that failed in passing is repeated in place
 */
public record FailoverRules(
        Set<Integer> onStatus,
        Set<ErrorKind> onErrorKinds,
        @Nullable Duration onTimeout,
        @Nullable Integer maxAttempts,
        boolean advanceOnPermanent,
        int retries) {
    public static final int MOST_ATTEMPTS = 16;
    public static final int MOST_RETRIES = 10;

    /** In a policy that comes with a request. */
    public static final int MOST_INLINE_ATTEMPTS = 10;

    private static final int MOST_INLINE_RETRIES = 2;
    public static final int DEFAULT_RETRIES = 1;

    private static final Set<Integer> STATUSES = Set.of(408, 429, 500, 502, 503, 504, 529);

    /** What another lane may well be free of. */
    private static final Set<ErrorKind> TRANSIENT =
            immutable(
                    EnumSet.of(
                            ErrorKind.SERVER,
                            ErrorKind.OVERLOADED,
                            ErrorKind.NETWORK,
                            ErrorKind.TIMEOUT));

    /** An account without money left is a rate limit to Harn's rules. */
    private static final Set<ErrorKind> RATE_LIMIT =
            immutable(EnumSet.of(ErrorKind.RATE_LIMIT, ErrorKind.BILLING));

    private static final Set<ErrorKind> KINDS = immutable(union(TRANSIENT, RATE_LIMIT));

    /** No rule shops around after these. */
    private static final Set<ErrorKind> NEVER =
            immutable(
                    EnumSet.of(
                            ErrorKind.CANCELLED,
                            ErrorKind.POLICY_DENIED,
                            ErrorKind.CONTENT_POLICY,
                            ErrorKind.INTERNAL));

    /** They advance under any rules: nothing was wrong with the request, and nothing was billed. */
    private static final Set<ErrorKind> ALWAYS =
            immutable(EnumSet.of(ErrorKind.TIMEOUT, ErrorKind.MODEL_MISSING));

    /** Names of kinds in older policies; an empty set is accepted and never matches. */
    private static final Map<String, Set<ErrorKind>> ALIASES =
            Map.ofEntries(
                    Map.entry("transient", TRANSIENT),
                    Map.entry("transient_network", Set.of(ErrorKind.NETWORK)),
                    Map.entry("rate_limit", RATE_LIMIT),
                    Map.entry("schema_validation", Set.of(ErrorKind.BAD_REQUEST)),
                    Map.entry("provider_error", Set.of(ErrorKind.SERVER)),
                    Map.entry("server_error", Set.of(ErrorKind.SERVER)),
                    Map.entry("provider_5xx", Set.of(ErrorKind.SERVER)),
                    Map.entry("generic", Set.of(ErrorKind.UNKNOWN)),
                    Map.entry("not_found", Set.of(ErrorKind.MODEL_MISSING)),
                    // Skipped links, which are passed over under any rules.
                    Map.entry("circuit_open", Set.of()),
                    Map.entry("budget_exceeded", Set.of()),
                    Map.entry("tool_error", Set.of()),
                    Map.entry("tool_rejected", Set.of()),
                    Map.entry("egress_blocked", Set.of()));

    /** Where nothing is written. */
    public static final FailoverRules DEFAULT =
            new FailoverRules(STATUSES, KINDS, null, null, false, DEFAULT_RETRIES);

    public FailoverRules {
        onStatus = Collections.unmodifiableSet(new TreeSet<>(onStatus));
        onErrorKinds = immutable(onErrorKinds);
    }

    /**
     * Merges what is written with the defaults, rule by rule: an empty list means none.
     *
     * @param onStatus null: not written; likewise the others
     * @param onErrorKinds labels that {@link #kinds} knows
     */
    public static FailoverRules merged(
            @Nullable List<Integer> onStatus,
            @Nullable List<String> onErrorKinds,
            @Nullable Duration onTimeout,
            @Nullable Integer maxAttempts,
            @Nullable Boolean advanceOnPermanent,
            @Nullable Integer retries) {
        return new FailoverRules(
                onStatus == null ? STATUSES : Set.copyOf(onStatus),
                onErrorKinds == null ? KINDS : allKinds(onErrorKinds),
                onTimeout,
                maxAttempts,
                Boolean.TRUE.equals(advanceOnPermanent),
                retries == null ? DEFAULT_RETRIES : retries);
    }

    /** Those of a policy that came with a request: it may tighten what is configured, not widen. */
    FailoverRules within(int attempts) {
        return new FailoverRules(
                onStatus,
                onErrorKinds,
                onTimeout,
                attempts,
                advanceOnPermanent,
                Math.min(retries, MOST_INLINE_RETRIES));
    }

    /** The kinds that a label stands for, in any case; null: there is no such label. */
    public static @Nullable Set<ErrorKind> kinds(String label) {
        String word = label.strip().toLowerCase(Locale.ROOT);
        Set<ErrorKind> aliased = ALIASES.get(word);
        if (aliased != null) {
            return aliased;
        }
        for (ErrorKind kind : ErrorKind.values()) {
            if (kind.label().equals(word)) {
                return Set.of(kind);
            }
        }
        return null;
    }

    /** Every label, sorted: what messages say is allowed. */
    public static String labels() {
        Set<String> labels = new TreeSet<>(ALIASES.keySet());
        for (ErrorKind kind : ErrorKind.values()) {
            labels.add(kind.label());
        }
        return String.join(", ", labels);
    }

    /**
     * Whether such a failure lets the chain advance; the request ends with it otherwise.
     *
     * @param status the answer's; null where none came
     */
    public boolean advances(ErrorKind kind, @Nullable Integer status) {
        if (NEVER.contains(kind)) {
            return false;
        }
        return ALWAYS.contains(kind)
                || onErrorKinds.contains(kind)
                || (status != null && onStatus.contains(status))
                || (advanceOnPermanent && permanent(kind));
    }

    private static boolean permanent(ErrorKind kind) {
        return !TRANSIENT.contains(kind) && kind != ErrorKind.RATE_LIMIT;
    }

    /** Whether such a failure is repeated in place, while repeats are left. */
    public boolean repeats(ErrorKind kind) {
        return TRANSIENT.contains(kind) || kind == ErrorKind.UNKNOWN;
    }

    private static Set<ErrorKind> allKinds(List<String> labels) {
        Set<ErrorKind> all = EnumSet.noneOf(ErrorKind.class);
        for (String label : labels) {
            Set<ErrorKind> kinds = kinds(label);
            if (kinds == null) {
                throw new IllegalArgumentException("no error kind: " + label);
            }
            all.addAll(kinds);
        }
        return all;
    }

    private static Set<ErrorKind> union(Set<ErrorKind> one, Set<ErrorKind> other) {
        Set<ErrorKind> both = EnumSet.copyOf(one);
        both.addAll(other);
        return both;
    }

    private static Set<ErrorKind> immutable(Set<ErrorKind> kinds) {
        Set<ErrorKind> sorted = EnumSet.noneOf(ErrorKind.class);
        sorted.addAll(kinds);
        return Collections.unmodifiableSet(sorted);
    }
}
