package dev.gantry.limit;

import org.jspecify.annotations.Nullable;

/**
 * A limit and what this worker has of it; for pages and gauges.
 *
 * @param limit of the whole fleet
 * @param share of this worker, in the limit's own measure: requests or tokens per minute, or calls;
 *     0: it has none, since it wants none or has not been given any yet
 * @param sharers workers that have a share; 0: not known
 * @param used since the worker's start: requests or tokens; calls: those under way
 * @param waiting distinct requests of this worker that stand in line for the scope
 */
public record LimitUse(
        LimitScope scope,
        LimitDimension dimension,
        double limit,
        LimitSource source,
        double share,
        int sharers,
        long used,
        int waiting) {
    static LimitUse of(
            ScopeQuota quota, LimitDimension dimension, ScopeLimits.Known known, long now) {
        ScopeTerms terms = quota.terms().get();
        return new LimitUse(
                quota.scope(),
                dimension,
                known.limit(),
                known.source(),
                share(terms, dimension, now),
                terms.lease() == null ? 0 : terms.lease().sharers(),
                switch (dimension) {
                    case REQUESTS_PER_MINUTE -> quota.used().requests();
                    case TOKENS_PER_MINUTE -> quota.used().tokens();
                    case MAX_CONCURRENT -> quota.underWay();
                },
                quota.waiting());
    }

    private static double share(ScopeTerms terms, LimitDimension dimension, long now) {
        if (dimension == LimitDimension.MAX_CONCURRENT) {
            return terms.calls(now);
        }
        ScopeTerms.@Nullable Rate rate = terms.rate(dimension, now);
        return rate == null ? 0 : rate.perSecond() * 60;
    }
}
