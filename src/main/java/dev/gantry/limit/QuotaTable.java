package dev.gantry.limit;

import dev.gantry.fleet.SchemaName;
import dev.gantry.fleet.ShortConnections;

import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

import javax.sql.DataSource;

/** The table that the fleet shares. */
final class QuotaTable implements QuotaStore {
    /** One for all schemas of a database: the payload tells them apart. */
    static final String CHANNEL = "gantry_quota";

    /** Payloads say which table has changed and who has done it, never what has. */
    static final String SHARE_NEWS = "%s shares ";

    static final String LIMITS_NEWS = "%s limits ";

    /** Missing five renewals in a row is silent. */
    static final Duration LEASE = Duration.ofSeconds(10);

    static final Duration SWEPT_AFTER = Duration.ofMinutes(1);

    private static final String RENEW =
            """
            select scope, worker, demand, share, calls, lacking, live, read_at
            from ${schema}.quota_renew(
                :me, cast(:scopes as text[]), cast(:demands as double precision[]),
                cast(:wishes as double precision[]), cast(:wished as integer[]),
                cast(:underWay as integer[]), cast(:callLimits as integer[]),
                :silence, :channel, :payload)
            """;

    private static final String LIMITS =
            """
            select q.*, w.workers
            from (select count(*) as workers from ${schema}.worker
                  where last_seen > clock_timestamp() - make_interval(secs => :silence)) w
                left join ${schema}.quota q
                on q.source <> 'configured' and q.reset_at > clock_timestamp()
            """;

    /** What an operator has set stands, whatever a worker with another configuration was told. */
    private static final String WRITE =
            """
            with asked as (
                select * from unnest(
                    cast(:scopes as text[]), cast(:dimensions as text[]),
                    cast(:limits as double precision[]), cast(:sources as text[]),
                    cast(:kept as double precision[])) as r(scope, dimension, most, source, kept)
            ), told as (
                select pg_notify(:channel, :payload)
                where exists (
                    select from asked a left join ${schema}.quota q using (scope, dimension)
                    where a.source <> 'configured'
                      and (q."limit" is null or abs(q."limit" - a.most) > q."limit" * 0.05))
            ), written as (
                insert into ${schema}.quota as q (scope, dimension, "limit", source, reset_at)
                select scope, dimension, most, source,
                       clock_timestamp() + make_interval(secs => kept)
                from asked
                order by scope, dimension
                on conflict (scope, dimension) do update set
                    "limit" = excluded."limit", source = excluded.source,
                    reset_at = excluded.reset_at
                where excluded.source = 'configured' or q.source <> 'configured'
            )
            select count(*) from told
            """;

    private static final String FORGET =
            """
            delete from ${schema}.quota q
            using unnest(cast(:scopes as text[]), cast(:dimensions as text[])) as r(scope, dimension)
            where q.scope = r.scope and q.dimension = r.dimension and q.source = 'configured'
            """;

    private static final String SWEEP =
            """
            with silent as (
                delete from ${schema}.quota_share
                where renewed_at < clock_timestamp() - make_interval(secs => :age)
            )
            delete from ${schema}.quota where reset_at < clock_timestamp()
            """;

    private final JdbcClient jdbc;
    private final SchemaName schema;

    QuotaTable(DataSource dataSource, SchemaName schema) {
        this.jdbc = JdbcClient.create(new ShortConnections(dataSource));
        this.schema = schema;
    }

    @Override
    public Shares renew(String worker, List<Ask> asks) {
        Map<LimitScope, List<ShareRow>> rows = new HashMap<>();
        Instant[] at = {Instant.EPOCH};
        jdbc.sql(schema.in(RENEW))
                .param("me", worker)
                .param("scopes", texts(asks, each -> each.scope().value()))
                .param("demands", texts(asks, Ask::demand))
                .param("wishes", texts(asks, Ask::wish))
                .param("wished", texts(asks, Ask::calls))
                .param("underWay", texts(asks, Ask::underWay))
                .param("callLimits", texts(asks, Ask::callLimit))
                .param("silence", (double) LEASE.toSeconds())
                .param("channel", CHANNEL)
                .param("payload", SHARE_NEWS.formatted(schema) + worker)
                .query(
                        row -> {
                            at[0] = row.getObject("read_at", OffsetDateTime.class).toInstant();
                            rows.computeIfAbsent(
                                            new LimitScope(row.getString("scope")),
                                            _ -> new ArrayList<>())
                                    .add(
                                            new ShareRow(
                                                    row.getString("worker"),
                                                    row.getDouble("demand"),
                                                    row.getDouble("share"),
                                                    row.getInt("calls"),
                                                    row.getBoolean("lacking"),
                                                    row.getBoolean("live")));
                        });
        return new Shares(rows, at[0]);
    }

    @Override
    public Limits limits() {
        Map<LimitScope, Map<LimitDimension, ScopeLimits.Known>> told = new HashMap<>();
        int[] workers = {1};
        jdbc.sql(schema.in(LIMITS))
                .param("silence", LEASE.toSeconds())
                .query(
                        row -> {
                            workers[0] = Math.max(1, row.getInt("workers"));
                            LimitDimension dimension =
                                    named(LimitDimension.values(), row.getString("dimension"));
                            LimitSource source =
                                    named(LimitSource.values(), row.getString("source"));
                            if (dimension != null && source != null) {
                                told.computeIfAbsent(
                                                new LimitScope(row.getString("scope")),
                                                _ -> new EnumMap<>(LimitDimension.class))
                                        .put(
                                                dimension,
                                                new ScopeLimits.Known(
                                                        row.getDouble("limit"), source));
                            }
                        });
        return new Limits(told, workers[0]);
    }

    /** Null: another release's, which this one does not know. */
    private static <E extends Enum<E>> @Nullable E named(E[] values, @Nullable String label) {
        String name = String.valueOf(label).replace('-', '_').toUpperCase(Locale.ROOT);
        for (E each : values) {
            if (each.name().equals(name)) {
                return each;
            }
        }
        return null;
    }

    @Override
    public void write(String worker, Collection<Written> limits) {
        jdbc.sql(schema.in(WRITE))
                .param("scopes", texts(limits, each -> each.scope().value()))
                .param("dimensions", texts(limits, each -> each.dimension().label()))
                .param("limits", texts(limits, each -> each.known().limit()))
                .param("sources", texts(limits, each -> each.known().source().label()))
                .param("kept", texts(limits, each -> seconds(each.kept())))
                .param("channel", CHANNEL)
                .param("payload", LIMITS_NEWS.formatted(schema) + worker)
                .query(Integer.class)
                .single();
    }

    private static @Nullable Long seconds(@Nullable Duration kept) {
        return kept == null ? null : kept.toSeconds();
    }

    @Override
    public void forget(Collection<Written> limits) {
        jdbc.sql(schema.in(FORGET))
                .param("scopes", texts(limits, each -> each.scope().value()))
                .param("dimensions", texts(limits, each -> each.dimension().label()))
                .update();
    }

    @Override
    public void sweep() {
        jdbc.sql(schema.in(SWEEP)).param("age", SWEPT_AFTER.toSeconds()).update();
    }

    private static <T> @Nullable String[] texts(
            Collection<T> all, Function<T, @Nullable Object> value) {
        return all.stream()
                .map(value)
                .map(each -> each == null ? null : each.toString())
                .toArray(String[]::new);
    }
}
