package dev.gantry.limit;

import dev.gantry.concurrent.BackgroundLoop;
import dev.gantry.fleet.SchemaName;
import dev.gantry.fleet.WorkerName;
import dev.gantry.inference.LaneId;
import dev.gantry.limit.ScopeTerms.Rate;
import dev.gantry.limit.ScopeTerms.ToldPace;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;

import javax.sql.DataSource;

/**
 * The fleet's limits, and this worker's shares of them: configured, told by the headers of answers,
 * or learnt. Whoever calls asks its {@link LaneQuota} and never the table. Thread-safe.
 */
public final class FleetLimits implements ToldLimits, AutoCloseable {
    /** Whose payloads {@link #heard} is to be given. */
    public static final String CHANNEL = QuotaTable.CHANNEL;

    /** A storm of news is answered once in this time. */
    private static final long GAP_NANOS = Duration.ofMillis(150).toNanos();

    /** What is told again and again is the same if it differs by no more. */
    private static final double SAME = 0.05;

    private final LongSupplier nanos;
    private final SchemaName schema;
    private final String worker;
    private final KnownLimits known;
    private final ShareSync sync;
    private final Map<LimitScope, ScopeQuota> quotas = new ConcurrentHashMap<>();
    private final BackgroundLoop loop = BackgroundLoop.of("limit-shares", this::pass);

    /** Whether the next pass has more to do than what is due by time. */
    private final AtomicBoolean news = new AtomicBoolean();

    private volatile boolean limitsChanged;
    private volatile Runnable room = () -> {};
    private volatile Runnable limitsKnown = () -> {};

    /** Only the loop's thread uses it. */
    private Map<LimitScope, ScopeLimits> shown = Map.of();

    /** Only the loop's thread uses it. */
    private long passedAt;

    FleetLimits(QuotaStore store, SchemaName schema, String worker, LongSupplier nanos) {
        this.nanos = nanos;
        this.schema = schema;
        this.worker = worker;
        this.known = new KnownLimits(nanos);
        this.sync = new ShareSync(store, worker, known, nanos, quotas.values());
        this.passedAt = nanos.getAsLong() - GAP_NANOS;
    }

    /**
     * Shared with the fleet through the tables, which must exist when it is started.
     *
     * @param nanos the monotonic clock that admission control goes by
     */
    public static FleetLimits shared(
            DataSource dataSource, SchemaName schema, WorkerName worker, LongSupplier nanos) {
        return new FleetLimits(new QuotaTable(dataSource, schema), schema, worker.id(), nanos);
    }

    /** Runs whenever this worker may do more; must not block. */
    public void onRoom(Runnable then) {
        room = then;
    }

    /** Runs at once, and whenever other limits are known than before. */
    public void onLimits(Runnable then) {
        limitsKnown = then;
        then.run();
    }

    /** Once. */
    public void start() {
        loop.start();
    }

    /** Gives this worker's shares back. */
    @Override
    public void close() {
        loop.close();
        sync.leave();
    }

    /** From now on these are what is configured. */
    public void offer(Map<LimitScope, ConfiguredLimits> configured) {
        known.configure(configured);
        quotas.values().forEach(this::learn);
        call();
        room.run();
    }

    /** What this worker may do on a lane; the same for all who ask. */
    public LaneQuota of(LaneId lane) {
        return new LaneQuota(
                List.of(quota(LimitScope.ofInstance(lane)), quota(LimitScope.ofLane(lane))),
                this::call);
    }

    private ScopeQuota quota(LimitScope scope) {
        return quotas.computeIfAbsent(
                scope, _ -> new ScopeQuota(scope, ScopeTerms.FREE.with(known.of(scope))));
    }

    private void learn(ScopeQuota quota) {
        ScopeLimits limits = known.of(quota.scope());
        quota.terms().updateAndGet(terms -> terms.with(limits));
    }

    @Override
    public void told(LaneId lane, List<ToldLimit> told) {
        ToldLesson lesson = ToldLesson.of(told);
        if (lesson.nothing()) {
            return;
        }
        ScopeQuota quota = quota(LimitScope.ofLane(lane));
        boolean[] taught = {false};
        lesson.perMinute()
                .forEach(
                        (dimension, limit) ->
                                taught[0] |= known.tell(quota.scope(), dimension, limit));
        if (taught[0]) {
            learn(quota);
            call();
        }
        lesson.paces().forEach((dimension, pace) -> pace(quota, dimension, pace));
    }

    /** At once, and by this worker's share: the others are told by answers of their own. */
    private void pace(ScopeQuota quota, LimitDimension dimension, ToldLesson.Pace pace) {
        long now = nanos.getAsLong();
        ScopeTerms before = quota.terms().get();
        Rate rate = before.rate(dimension, now);
        double binds = Math.min(pace.perSecond(), before.plain(dimension));
        if (rate != null && Math.abs(binds - rate.fleet()) > SAME * rate.fleet()) {
            ToldPace told = new ToldPace(binds, now + pace.left().toNanos());
            quota.terms().updateAndGet(terms -> terms.with(dimension, told));
        }
    }

    /** Something was said over the channel. Never blocks. */
    public void heard(String payload) {
        if (payload.endsWith(" " + worker)) {
            return;
        }
        if (payload.startsWith(QuotaTable.LIMITS_NEWS.formatted(schema))) {
            limitsChanged = true;
            call();
        } else if (payload.startsWith(QuotaTable.SHARE_NEWS.formatted(schema)) && sync.shares()) {
            call();
        }
    }

    /** Never blocks. */
    private void call() {
        if (news.compareAndSet(false, true)) {
            loop.call();
        }
    }

    private Duration pass() {
        long rested = nanos.getAsLong() - passedAt;
        return rested < GAP_NANOS ? Duration.ofNanos(GAP_NANOS - rested) : passNow();
    }

    /** Whether the next pass is due at once; for whoever keeps the time by hand. */
    boolean called() {
        return news.get();
    }

    /** Once, whatever is due; for whoever keeps the time by hand. */
    Duration passNow() {
        passedAt = nanos.getAsLong();
        if (limitsChanged) {
            limitsChanged = false;
            sync.wantLimits();
        }
        sync.pass(news.getAndSet(false));
        show();
        room.run();
        return ShareSync.BEAT;
    }

    private void show() {
        Map<LimitScope, ScopeLimits> now = new HashMap<>();
        quotas.forEach((scope, quota) -> now.put(scope, quota.terms().get().limits()));
        if (!now.equals(shown)) {
            shown = now;
            limitsKnown.run();
        }
    }

    /** Empty: no such limit is known. */
    public Optional<LimitUse> use(LimitScope scope, LimitDimension dimension) {
        ScopeQuota quota = quotas.get(scope);
        ScopeLimits.Known limit = quota == null ? null : quota.terms().get().limits().of(dimension);
        return quota == null || limit == null
                ? Optional.empty()
                : Optional.of(LimitUse.of(quota, dimension, limit, nanos.getAsLong()));
    }

    /** The limits of the scopes that somebody has asked for. */
    public List<LimitUse> uses() {
        long now = nanos.getAsLong();
        return quotas.values().stream()
                .flatMap(
                        quota ->
                                quota.terms().get().limits().known().entrySet().stream()
                                        .map(
                                                each ->
                                                        LimitUse.of(
                                                                quota,
                                                                each.getKey(),
                                                                each.getValue(),
                                                                now)))
                .toList();
    }
}
