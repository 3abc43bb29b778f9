package dev.gantry.circuit.table;

import dev.gantry.circuit.state.Circuit;
import dev.gantry.fleet.SchemaName;
import dev.gantry.fleet.ShortConnections;
import dev.gantry.inference.CircuitKey;
import dev.gantry.inference.OperatorAct;

import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

import javax.sql.DataSource;

/** The table that the fleet shares; each method is one statement. */
public final class CircuitTable implements CircuitStore {
    /** One for all schemas of a database: the payload tells them apart. */
    public static final String CHANNEL = "gantry_circuit";

    /**
     * A probe's owner is dead once its heartbeat is ten seconds old; a lease younger than that may
     * be of a worker whose first beat is still to come.
     */
    private static final String READ =
            """
            select clock_timestamp() as read_at,
                   pg_snapshot_xmin(pg_current_snapshot())::text::bigint as mark, c.*,
                   c.lease_until > clock_timestamp()
                   and (c.lease_from > clock_timestamp() - make_interval(secs => :silence)
                        or exists (
                            select from ${schema}.worker w
                            where w.id = c.lease_owner
                              and w.last_seen > clock_timestamp() - make_interval(secs => :silence)))
                       as lease_lives
            from (values (1)) as always left join ${schema}.circuit c
                on c.changed >= :mark or c.lease_owner is not null
            """;

    private static final String WORKERS =
            """
            select id from ${schema}.worker
            where last_seen > clock_timestamp() - make_interval(secs => :silence)
            """;

    private static final String TESTIFY =
            """
            insert into ${schema}.circuit_witness (
                key, suspected_at, worker, calls, failures, unknowns)
            select * from jsonb_to_recordset(cast(:rows as jsonb)) as r(
                key text, suspected_at timestamptz, worker text,
                calls integer, failures integer, unknowns integer)
            on conflict (key, suspected_at, worker) do update set
                calls = excluded.calls, failures = excluded.failures, unknowns = excluded.unknowns
            """;

    private static final String TESTIMONIES =
            "select * from ${schema}.circuit_witness where key in (:keys)";

    /** A closed circuit forgets its trips in time; a day is longer than any takes. */
    private static final String SWEEP =
            """
            with forgotten as (
                delete from ${schema}.circuit_witness
                where suspected_at < clock_timestamp() - interval '10 minutes'
            )
            delete from ${schema}.circuit
            where state = 'closed'
              and (since < clock_timestamp() - interval '1 day'
                   or trips = 0 and since < clock_timestamp() - interval '10 minutes')
              and (counted_from is null or counted_from < clock_timestamp() - interval '10 minutes')
            """;

    private static final int SILENCE_SECONDS = 10;

    /**
     * In the order of keys, so that two workers never wait for each other. NOTIFY takes a lock on
     * the whole database at commit: only where the fleet must hear of it.
     */
    private static final String WRITE =
            """
            with asked as (
                select * from jsonb_to_recordset(cast(:rows as jsonb)) as r(
                    key text, state text, since timestamptz, until timestamptz, ends_by text,
                    trips integer, kind text, reason text, actor text, counted_from timestamptz,
                    calls double precision, failures double precision, unknowns double precision,
                    lease_owner text, lease_from timestamptz, lease_until timestamptz,
                    suspected_at timestamptz, lease_wanted_at timestamptz,
                    version bigint, told boolean)
            ), won as (
                insert into ${schema}.circuit as c (
                    key, state, since, until, ends_by, trips, kind, reason, actor, counted_from,
                    calls, failures, unknowns, lease_owner, lease_from, lease_until,
                    suspected_at, lease_wanted_at, version)
                select key, state, since, until, ends_by, trips, kind, reason, actor, counted_from,
                       calls, failures, unknowns, lease_owner, lease_from, lease_until,
                       suspected_at, lease_wanted_at, version
                from asked
                order by key
                on conflict (key) do update set
                    state = excluded.state, since = excluded.since, until = excluded.until,
                    ends_by = excluded.ends_by, trips = excluded.trips, kind = excluded.kind,
                    reason = excluded.reason, actor = excluded.actor,
                    counted_from = excluded.counted_from, calls = excluded.calls,
                    failures = excluded.failures, unknowns = excluded.unknowns,
                    lease_owner = excluded.lease_owner, lease_from = excluded.lease_from,
                    lease_until = excluded.lease_until, suspected_at = excluded.suspected_at,
                    lease_wanted_at = excluded.lease_wanted_at, version = excluded.version
                where c.version = excluded.version - 1
                returning c.key
            ), told as (
                select pg_notify(:channel, :payload)
                where exists (select from asked join won using (key) where told)
            )
            """;

    private static final String ANSWER = "select key, (select count(*) from told) from won";

    private static final String REPLACE = WRITE + ANSWER;

    private static final String OBEY =
            WRITE
                    + """
                    , acted as (
                        insert into ${schema}.operator_act (
                            id, at, target, deed, open_ms, reason, actor, moves,
                            teller, claimed_until)
                        select :id, :at, :target, :deed, cast(:openMs as bigint), :reason, :actor,
                               (select coalesce(jsonb_agg(move), '[]')
                                from jsonb_array_elements(cast(:moves as jsonb)) as move
                                where move ->> 'key' in (select key from won)),
                               cast(:teller as text),
                               case when cast(:teller as text) is not null
                                   then clock_timestamp() + make_interval(secs => :claim) end
                        where exists (select from won) or not exists (select from asked)
                    )
                    """
                    + ANSWER;

    private static final String ECHO = "select pg_notify(:channel, :payload)";

    private final JdbcClient jdbc;
    private final SchemaName schema;
    private final NotificationPayload notification;
    private final ActTable acts;

    public CircuitTable(DataSource dataSource, SchemaName schema, String writer) {
        this.jdbc = JdbcClient.create(new ShortConnections(dataSource));
        this.schema = schema;
        this.notification = new NotificationPayload(schema, writer);
        this.acts = new ActTable(jdbc, schema);
    }

    @Override
    public Snapshot read(long mark) {
        List<Circuit> rows = new ArrayList<>();
        return jdbc.sql(schema.in(READ))
                .param("silence", SILENCE_SECONDS)
                .param("mark", mark)
                .query(
                        (row, _) -> {
                            CircuitKey key = CircuitRows.key(row);
                            if (key != null) {
                                rows.add(CircuitRows.read(key, row));
                            }
                            Instant at =
                                    Objects.requireNonNull(CircuitRows.instant(row, "read_at"));
                            return new Snapshot(at, rows, row.getLong("mark"));
                        })
                .list()
                .getFirst();
    }

    @Override
    public Set<String> workers() {
        return Set.copyOf(
                jdbc.sql(schema.in(WORKERS))
                        .param("silence", SILENCE_SECONDS)
                        .query(String.class)
                        .list());
    }

    @Override
    public void testify(Collection<Testimony> answers) {
        jdbc.sql(schema.in(TESTIFY)).param("rows", CircuitRows.testimonies(answers)).update();
    }

    @Override
    public List<Testimony> testimonies(Collection<CircuitKey> keys) {
        return jdbc.sql(schema.in(TESTIMONIES))
                .param("keys", keys.stream().map(CircuitKey::value).toList())
                .query((row, _) -> CircuitRows.testimony(row))
                .list();
    }

    @Override
    public void sweep() {
        jdbc.sql(schema.in(SWEEP)).update();
    }

    @Override
    public Set<CircuitKey> replace(List<Change> changes) {
        return won(writing(REPLACE, changes));
    }

    @Override
    public Set<CircuitKey> obey(List<Change> changes, OperatorAct act, @Nullable String teller) {
        Duration time = act.time();
        return won(
                writing(OBEY, changes)
                        .param("id", act.id())
                        .param("at", act.at().atOffset(ZoneOffset.UTC))
                        .param("target", act.target())
                        .param("deed", act.action())
                        .param("openMs", time == null ? null : time.toMillis())
                        .param("reason", act.reason())
                        .param("actor", act.actor())
                        .param("moves", ActRows.moves(act.moves()))
                        .param("teller", teller)
                        .param("claim", ActTable.CLAIM_SECONDS));
    }

    private JdbcClient.StatementSpec writing(String statement, List<Change> changes) {
        return jdbc.sql(schema.in(statement))
                .param("rows", CircuitRows.json(changes))
                .param("channel", CHANNEL)
                .param("payload", notification.news());
    }

    private static Set<CircuitKey> won(JdbcClient.StatementSpec statement) {
        return statement.query((row, _) -> CircuitKey.parse(row.getString("key"))).list().stream()
                .collect(Collectors.toSet());
    }

    @Override
    public List<OperatorAct> claimActs(String teller) {
        return acts.claim(teller);
    }

    @Override
    public void renewActs(Collection<String> ids, String teller) {
        acts.renew(ids, teller);
    }

    @Override
    public void forgetActs(Collection<String> ids) {
        acts.forget(ids);
    }

    @Override
    public void echo() {
        jdbc.sql(ECHO)
                .param("channel", CHANNEL)
                .param("payload", notification.echo())
                .query((_, _) -> true)
                .list();
    }
}
