package dev.gantry.limit;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** Where the fleet keeps its limits and who has which share; each method is one statement. */
interface QuotaStore {
    /**
     * How a worker would have its share of a scope.
     *
     * @param demand distinct requests; 0: it wants none
     * @param wish 0 to 1
     * @param calls it would have under way at once
     * @param underWay calls that it has
     * @param callLimit of the scope; null: none
     */
    record Ask(
            LimitScope scope,
            double demand,
            double wish,
            int calls,
            int underWay,
            @Nullable Integer callLimit) {}

    /**
     * How shares stand.
     *
     * @param rows of each scope that was asked for, as they stand now
     * @param at the store's clock
     */
    record Shares(Map<LimitScope, List<ShareRow>> rows, Instant at) {
        List<ShareRow> of(LimitScope scope) {
            return rows.getOrDefault(scope, List.of());
        }
    }

    /**
     * A limit to be written.
     *
     * @param kept how long it is believed unless it is told again; null: for good
     */
    record Written(
            LimitScope scope,
            LimitDimension dimension,
            ScopeLimits.Known known,
            @Nullable Duration kept) {}

    /**
     * The limits in the store.
     *
     * @param told what the fleet was told, and still believes
     * @param workers that are alive
     */
    record Limits(Map<LimitScope, Map<LimitDimension, ScopeLimits.Known>> told, int workers) {}

    /** Renews, gives back and asks for shares; of what is asked, what nobody has is given. */
    Shares renew(String worker, List<Ask> asks);

    Limits limits();

    /** Others are told of what has changed by more than a twentieth. */
    void write(String worker, Collection<Written> limits);

    /** Limits that are configured no longer. */
    void forget(Collection<Written> limits);

    /** Takes away the shares of workers that have been silent for a minute. */
    void sweep();
}
