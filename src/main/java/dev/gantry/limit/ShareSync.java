package dev.gantry.limit;

import dev.gantry.fleet.SqlTrouble;
import dev.gantry.limit.QuotaStore.Ask;
import dev.gantry.limit.QuotaStore.Shares;
import dev.gantry.limit.QuotaStore.Written;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Keeps this worker's shares: gives back at once what others need more, asks for what they have
 * given back, and goes on with a part of what it had while nobody answers. One thread makes all its
 * statements, and none while nobody wants what is limited.
 */
final class ShareSync {
    private static final Logger LOG = LoggerFactory.getLogger(ShareSync.class);

    /** With the heartbeat. */
    static final Duration BEAT = Duration.ofSeconds(2);

    private static final long LEASE_NANOS = QuotaTable.LEASE.toNanos();
    private static final long SWEEP_NANOS = QuotaTable.SWEPT_AFTER.toNanos();
    private static final Duration TURN = Duration.ofSeconds(10);

    /** Whoever wants nothing any more keeps its share so long, in case more is on its way. */
    private static final long IDLE_NANOS = Duration.ofSeconds(5).toNanos();

    /** In which demand that has gone is half forgotten. */
    private static final double HALF_LIFE = 4e9;

    /** A share that is so much off is changed at once, and not with the next beat. */
    private static final double OFF = 0.05;

    /** Two read each other's rows after the first; a third looks at what came of it. */
    private static final int ROUNDS = 3;

    private final QuotaStore store;
    private final String worker;
    private final KnownLimits known;
    private final LongSupplier nanos;
    private final Collection<ScopeQuota> quotas;
    private final Map<LimitScope, Wanted> wanted = new LinkedHashMap<>();

    private long renewedAt;
    private boolean limitsWanted = true;
    private int workers = 1;

    /** Ticks; since then every statement was answered. */
    private long answersSince;

    private long sweptAt;
    private boolean away;

    /** When the store answered last. */
    private long answeredAt;

    /** Whether anything is wanted; asked by others. */
    private volatile boolean sharing;

    /** The store's clock, as of the last answer, and when it came. */
    private Instant storeTime = Instant.EPOCH;

    private long storeTimeAt;

    /** A scope that this worker wants, or did a moment ago. */
    private static final class Wanted {
        final ScopeQuota quota;
        double demand;
        long demandAt;
        long lastAt;
        List<ShareRow> rows = List.of();

        Wanted(ScopeQuota quota, long now) {
            this.quota = quota;
            this.demandAt = now;
        }
    }

    /**
     * @param quotas of all scopes that anybody has asked for
     */
    ShareSync(
            QuotaStore store,
            String worker,
            KnownLimits known,
            LongSupplier nanos,
            Collection<ScopeQuota> quotas) {
        this.store = store;
        this.worker = worker;
        this.known = known;
        this.nanos = nanos;
        this.quotas = quotas;
        this.answersSince = nanos.getAsLong();
        this.sweptAt = answersSince;
        this.answeredAt = answersSince;
        this.renewedAt = answersSince - BEAT.toNanos();
    }

    /** The limits in the table may have changed. */
    void wantLimits() {
        limitsWanted = true;
    }

    /** Whether anything of this worker's is at stake when others' shares change. */
    boolean shares() {
        return sharing;
    }

    /**
     * One pass.
     *
     * @param news whether there is more to do than what is due by time
     */
    void pass(boolean news) {
        long now = nanos.getAsLong();
        try {
            tellLimits();
            if (limitsWanted) {
                limitsWanted = false;
                readLimits();
            }
            look(now);
            if (!wanted.isEmpty() && (news || now - renewedAt >= BEAT.toNanos())) {
                renewedAt = now;
                renew();
            }
            if (now - sweptAt >= SWEEP_NANOS && now - answersSince >= SWEEP_NANOS) {
                sweptAt = now;
                limitsWanted = true; // news may have been missed
                store.sweep();
            }
            sharing = !wanted.isEmpty();
            back();
        } catch (RuntimeException e) {
            gone(e, now);
        }
    }

    private void tellLimits() {
        List<Written> forgotten = known.forgotten();
        if (!forgotten.isEmpty()) {
            store.forget(forgotten);
            known.forgot(forgotten);
        }
        List<Written> unwritten = known.unwritten();
        if (!unwritten.isEmpty()) {
            store.write(worker, unwritten);
            known.wrote(unwritten);
        }
    }

    private void readLimits() {
        QuotaStore.Limits limits = store.limits();
        workers = limits.workers();
        known.learn(limits.told());
    }

    /** What is wanted now. */
    private void look(long now) {
        for (ScopeQuota quota : quotas) {
            ScopeLimits limits = known.of(quota.scope());
            if (!limits.equals(quota.terms().get().limits())) {
                quota.terms().updateAndGet(terms -> terms.with(limits));
            }
            Wanted known = wanted.get(quota.scope());
            if (known == null && !limits.none() && quota.demand() > 0) {
                known = new Wanted(quota, now);
                wanted.put(quota.scope(), known);
            }
            if (known != null) {
                demand(known, now);
            }
        }
    }

    /** It rises at once and falls slowly. */
    private static void demand(Wanted of, long now) {
        int current = of.quota.demand();
        double left = of.demand * Math.pow(0.5, (now - of.demandAt) / HALF_LIFE);
        of.demand = Math.max(current, left);
        of.demandAt = now;
        of.lastAt = current > 0 ? now : of.lastAt;
        boolean over = now - of.lastAt >= IDLE_NANOS || of.quota.terms().get().limits().none();
        of.demand = over ? 0 : of.demand;
    }

    private void renew() {
        Collection<Wanted> asking = new ArrayList<>(wanted.values());
        for (int round = 0; round < ROUNDS && !asking.isEmpty(); round++) {
            List<Ask> asks = asking.stream().map(this::ask).toList();
            long sent = nanos.getAsLong();
            Shares shares = store.renew(worker, asks);
            storeTime = shares.at();
            storeTimeAt = nanos.getAsLong();
            asks.forEach(each -> learn(each, shares.of(each.scope()), sent));
            asking.removeIf(each -> each.demand <= 0 || settled(each));
        }
    }

    private FairSplit split(Wanted of) {
        return FairSplit.of(of.rows, worker, of.demand, of.quota.terms().get().limits(), turn());
    }

    /** Other numbers on no worker for longer than a turn: the store's clock counts. */
    private long turn() {
        Instant now = storeTime.plusNanos(nanos.getAsLong() - storeTimeAt);
        return now.getEpochSecond() / TURN.toSeconds();
    }

    /** What is given back is given back here first. */
    private Ask ask(Wanted of) {
        LimitScope scope = of.quota.scope();
        Integer callLimit = of.quota.terms().get().limits().calls();
        if (of.demand <= 0) {
            of.quota.terms().updateAndGet(terms -> terms.with((LeasedShare) null));
            return new Ask(scope, 0, 0, 0, of.quota.underWay(), callLimit);
        }
        FairSplit split = split(of);
        double wish = wish(of, split);
        of.quota
                .terms()
                .updateAndGet(
                        terms -> {
                            LeasedShare had = terms.lease();
                            return had == null ? terms : terms.with(lowered(had, wish, split));
                        });
        return new Ask(scope, of.demand, wish, split.calls(), of.quota.underWay(), callLimit);
    }

    /** What nobody else lacks is kept: others' demand is known a little later than one's own. */
    private double wish(Wanted of, FairSplit split) {
        LeasedShare had = of.quota.terms().get().lease();
        return had != null && nanos.getAsLong() < had.until() && !othersLack(of)
                ? Math.max(had.share(), split.share())
                : split.share();
    }

    private boolean othersLack(Wanted of) {
        for (ShareRow row : of.rows) {
            if (row.lacking() && row.live() && !row.worker().equals(worker)) {
                return true;
            }
        }
        return false;
    }

    private static LeasedShare lowered(LeasedShare had, double wish, FairSplit split) {
        return new LeasedShare(
                Math.min(had.share(), wish),
                Math.min(had.calls(), split.calls()),
                had.until(),
                split.rank(),
                split.sharers());
    }

    private void learn(Ask ask, List<ShareRow> rows, long sent) {
        Wanted of = wanted.get(ask.scope());
        if (of == null) {
            return;
        }
        of.rows = rows;
        if (ask.demand() <= 0) {
            wanted.remove(ask.scope());
            return;
        }
        for (ShareRow row : rows) {
            if (row.worker().equals(worker)) {
                FairSplit split = split(of);
                LeasedShare lease =
                        new LeasedShare(
                                row.share(),
                                Math.min(ask.calls(), row.calls()),
                                sent + LEASE_NANOS,
                                split.rank(),
                                split.sharers());
                of.quota.terms().updateAndGet(terms -> terms.with(lease));
            }
        }
    }

    /** Whether it has what is its own by the rows that it has now seen, as far as there is any. */
    private boolean settled(Wanted of) {
        LeasedShare lease = of.quota.terms().get().lease();
        if (lease == null) {
            return false;
        }
        FairSplit split = split(of);
        double others = 0;
        for (ShareRow row : of.rows) {
            others += row.worker().equals(worker) ? 0 : row.held();
        }
        double wish = Math.min(wish(of, split), Math.max(0, 1 - others));
        return Math.abs(wish - lease.share()) <= OFF * split.share()
                && split.calls() >= lease.calls();
    }

    private void back() {
        answeredAt = nanos.getAsLong();
        if (away) {
            away = false;
            limitsWanted = true;
            answersSince = nanos.getAsLong();
            LOG.atInfo().addKeyValue("worker", worker).log("limits are shared again");
        }
    }

    private void gone(RuntimeException cause, long now) {
        limitsWanted = true;
        answersSince = now;
        look(now);
        wanted.values().forEach(each -> alone(each, now));
        if (!away) {
            away = true;
            LOG.atWarn()
                    .addKeyValue("worker", worker)
                    .addKeyValue("error", SqlTrouble.sentence(cause))
                    .log("limits go on with the shares there are");
        }
    }

    /** What nobody could be asked for in a minute is used as if all workers wanted it. */
    private void alone(Wanted of, long now) {
        if (of.quota.terms().get().lease() != null || now - answeredAt < SWEEP_NANOS) {
            return;
        }
        Integer calls = of.quota.terms().get().limits().calls();
        int equal = calls == null ? 0 : (int) Math.ceil((double) calls / workers);
        LeasedShare alone = new LeasedShare(1.0 / workers, equal, now - SWEEP_NANOS, 0, workers);
        of.quota.terms().updateAndGet(terms -> terms.with(alone));
    }

    /** Gives all back. */
    void leave() {
        wanted.values().forEach(each -> each.demand = 0);
        if (!wanted.isEmpty() && !away) {
            try {
                renew();
            } catch (RuntimeException e) {
                LOG.atWarn()
                        .addKeyValue("worker", worker)
                        .addKeyValue("error", SqlTrouble.sentence(e))
                        .log("shares of limits stay, the fleet will notice in ten seconds");
            }
        }
    }
}
