package dev.gantry.limit;

import java.time.Instant;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * The tables of one fleet in memory, by a clock of their own: what {@code quota_renew} does, in
 * Java. QuotaTableTest holds the two to the same.
 */
final class MemoryQuotas implements QuotaStore {
    private final LongSupplier nanos;
    private final Map<LimitScope, Map<String, Row>> shares = new HashMap<>();
    private final Map<LimitScope, Map<LimitDimension, Written>> limits = new HashMap<>();

    /** Whom news reach; the fleet's channel. */
    Runnable shareNews = () -> {};

    Runnable limitNews = () -> {};

    int statements;
    int notifications;

    private record Row(ShareRow row, long renewedAt) {}

    MemoryQuotas(LongSupplier nanos) {
        this.nanos = nanos;
    }

    @Override
    public Shares renew(String worker, List<Ask> asks) {
        statements++;
        boolean tell = false;
        for (Ask ask : asks) {
            tell |= renew(worker, ask);
        }
        if (tell) {
            notifications++;
            shareNews.run();
        }
        Map<LimitScope, List<ShareRow>> rows = new HashMap<>();
        asks.forEach(ask -> rows.put(ask.scope(), rows(ask.scope())));
        return new Shares(rows, Instant.EPOCH.plusNanos(nanos.getAsLong()));
    }

    List<ShareRow> rows(LimitScope scope) {
        return shares.getOrDefault(scope, Map.of()).values().stream().map(this::asOfNow).toList();
    }

    private ShareRow asOfNow(Row row) {
        ShareRow it = row.row();
        return new ShareRow(
                it.worker(), it.demand(), it.share(), it.calls(), it.lacking(), live(row));
    }

    private boolean live(Row row) {
        return nanos.getAsLong() - row.renewedAt() < QuotaTable.LEASE.toNanos();
    }

    private boolean renew(String me, Ask ask) {
        Map<String, Row> rows = shares.computeIfAbsent(ask.scope(), _ -> new TreeMap<>());
        Row old = rows.remove(me);
        double taken = 0;
        int takenCalls = 0;
        boolean lacking = false;
        for (Row each : rows.values()) {
            taken += asOfNow(each).held();
            takenCalls += each.row().calls();
            lacking |= live(each) && each.row().lacking();
        }
        if (ask.demand() <= 0) {
            return old != null && lacking;
        }
        double given = Math.min(ask.wish(), Math.max(0, 1 - taken));
        Integer limit = ask.callLimit();
        int calls =
                limit == null
                        ? 0
                        : Math.max(
                                ask.underWay(),
                                Math.min(ask.calls(), Math.max(0, limit - takenCalls)));
        boolean lacks = given < ask.wish() * 0.9 || (limit != null && calls < ask.calls());
        rows.put(
                me,
                new Row(
                        new ShareRow(me, ask.demand(), given, calls, lacks, true),
                        nanos.getAsLong()));
        boolean lowered =
                old != null && (given < old.row().share() * 0.95 || calls < old.row().calls());
        return (lacks && !(old != null && old.row().lacking())) || (lacking && lowered);
    }

    @Override
    public Limits limits() {
        statements++;
        Map<LimitScope, Map<LimitDimension, ScopeLimits.Known>> told = new HashMap<>();
        limits.forEach(
                (scope, each) ->
                        each.forEach(
                                (dimension, written) -> {
                                    if (written.known().source() != LimitSource.CONFIGURED) {
                                        told.computeIfAbsent(
                                                        scope,
                                                        _ -> new EnumMap<>(LimitDimension.class))
                                                .put(dimension, written.known());
                                    }
                                }));
        return new Limits(told, 1);
    }

    @Override
    public void write(String worker, Collection<Written> written) {
        statements++;
        for (Written each : written) {
            limits.computeIfAbsent(each.scope(), _ -> new EnumMap<>(LimitDimension.class))
                    .put(each.dimension(), each);
        }
        notifications++;
        limitNews.run();
    }

    @Override
    public void forget(Collection<Written> forgotten) {
        statements++;
        forgotten.forEach(
                each -> limits.getOrDefault(each.scope(), Map.of()).remove(each.dimension()));
    }

    @Override
    public void sweep() {
        statements++;
        shares.values()
                .forEach(
                        rows ->
                                rows.values()
                                        .removeIf(
                                                row ->
                                                        nanos.getAsLong() - row.renewedAt()
                                                                > QuotaTable.SWEPT_AFTER
                                                                        .toNanos()));
    }
}
