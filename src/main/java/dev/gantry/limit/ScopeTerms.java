package dev.gantry.limit;

import org.jspecify.annotations.Nullable;

/**
 * All that is known of a scope at one moment.
 *
 * @param lease null: this worker has no share yet
 * @param requests what the provider said last of requests; null: nothing that binds
 * @param tokens the same of tokens
 */
record ScopeTerms(
        ScopeLimits limits,
        @Nullable LeasedShare lease,
        @Nullable ToldPace requests,
        @Nullable ToldPace tokens) {
    static final ScopeTerms FREE = new ScopeTerms(ScopeLimits.NONE, null, null, null);

    /** Of the limit: clocks and counts of two sides never agree wholly. */
    static final double PRUDENCE = 0.95;

    private static final double MINUTE = 60;

    /**
     * What remains until a limit is whole again, spread over that time.
     *
     * @param perSecond of the whole fleet; at least 0
     * @param until nanoseconds of the worker's monotonic clock
     */
    record ToldPace(double perSecond, long until) {}

    /**
     * How fast this worker may go.
     *
     * @param perSecond of its own; 0: not at all
     * @param fleet of all workers
     */
    record Rate(double perSecond, double fleet) {}

    ScopeTerms with(ScopeLimits other) {
        return new ScopeTerms(other, lease, requests, tokens);
    }

    ScopeTerms with(@Nullable LeasedShare other) {
        return new ScopeTerms(limits, other, requests, tokens);
    }

    ScopeTerms with(LimitDimension dimension, ToldPace pace) {
        return dimension == LimitDimension.REQUESTS_PER_MINUTE
                ? new ScopeTerms(limits, lease, pace, tokens)
                : new ScopeTerms(limits, lease, requests, pace);
    }

    private @Nullable ToldPace told(LimitDimension dimension) {
        return dimension == LimitDimension.REQUESTS_PER_MINUTE ? requests : tokens;
    }

    /** Null: nothing bounds it. */
    @Nullable Rate rate(LimitDimension dimension, long now) {
        if (limits.of(dimension) == null) {
            return null;
        }
        double fleet = plain(dimension);
        ToldPace told = told(dimension);
        if (told != null && now < told.until()) {
            fleet = Math.min(fleet, told.perSecond());
        }
        return new Rate(lease == null ? 0 : fleet * lease.shareAt(now), fleet);
    }

    /** Of the whole fleet each second, whatever remains; infinite where there is no limit. */
    double plain(LimitDimension dimension) {
        ScopeLimits.Known known = limits.of(dimension);
        return known == null ? Double.POSITIVE_INFINITY : known.limit() / MINUTE * PRUDENCE;
    }

    /** What a call may take of the tokens of a minute; null: there is no limit. */
    @Nullable Double mostTokens() {
        ScopeLimits.Known known = limits.of(LimitDimension.TOKENS_PER_MINUTE);
        return known == null ? null : known.limit();
    }

    /** Calls at once. */
    int calls(long now) {
        if (limits.calls() == null) {
            return Integer.MAX_VALUE;
        }
        return lease == null ? 0 : lease.callsAt(now);
    }

    /** When time alone makes the next difference. */
    long changesAt(long now) {
        long at = Long.MAX_VALUE;
        if (lease != null && now < lease.until()) {
            at = lease.until();
        }
        at = sooner(at, requests, now);
        return sooner(at, tokens, now);
    }

    private static long sooner(long at, @Nullable ToldPace told, long now) {
        return told != null && now < told.until() ? Math.min(at, told.until()) : at;
    }
}
