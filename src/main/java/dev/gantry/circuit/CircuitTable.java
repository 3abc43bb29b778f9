package dev.gantry.circuit;

import dev.gantry.circuit.OperatorAction.Open;
import dev.gantry.fleet.SchemaName;
import dev.gantry.fleet.ShortConnections;

import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

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
final class CircuitTable implements CircuitStore {
    /** One for all schemas of a database: the payload tells them apart. */
    static final String CHANNEL = "gantry_circuit";

    /**
     * A probe's owner is dead once its heartbeat is ten seconds old; a lease younger than that may
     * be of a worker whose first beat is still to come.
     */
    private static final String READ =
            """
            select clock_timestamp() as read_at, c.*,
                   c.lease_until > clock_timestamp()
                   and (c.lease_from > clock_timestamp() - make_interval(secs => :silence)
                        or exists (
                            select from ${schema}.worker w
                            where w.id = c.lease_owner
                              and w.last_seen > clock_timestamp() - make_interval(secs => :silence)))
                       as lease_lives
            from (values (1)) as always left join ${schema}.circuit c on true
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
                    version bigint, told boolean)
            ), won as (
                insert into ${schema}.circuit as c (
                    key, state, since, until, ends_by, trips, kind, reason, actor, counted_from,
                    calls, failures, unknowns, lease_owner, lease_from, lease_until, version)
                select key, state, since, until, ends_by, trips, kind, reason, actor, counted_from,
                       calls, failures, unknowns, lease_owner, lease_from, lease_until, version
                from asked
                order by key
                on conflict (key) do update set
                    state = excluded.state, since = excluded.since, until = excluded.until,
                    ends_by = excluded.ends_by, trips = excluded.trips, kind = excluded.kind,
                    reason = excluded.reason, actor = excluded.actor,
                    counted_from = excluded.counted_from, calls = excluded.calls,
                    failures = excluded.failures, unknowns = excluded.unknowns,
                    lease_owner = excluded.lease_owner, lease_from = excluded.lease_from,
                    lease_until = excluded.lease_until, version = excluded.version
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
    private final Hearsay hearsay;
    private final ActTable acts;

    CircuitTable(DataSource dataSource, SchemaName schema, String writer) {
        this.jdbc = JdbcClient.create(new ShortConnections(dataSource));
        this.schema = schema;
        this.hearsay = new Hearsay(schema, writer);
        this.acts = new ActTable(jdbc, schema);
    }

    @Override
    public Snapshot read() {
        List<Circuit> rows = new ArrayList<>();
        Instant at =
                jdbc.sql(schema.in(READ))
                        .param("silence", SILENCE_SECONDS)
                        .query(
                                (row, _) -> {
                                    CircuitKey key = CircuitRows.key(row);
                                    if (key != null) {
                                        rows.add(CircuitRows.read(key, row));
                                    }
                                    return Objects.requireNonNull(
                                            CircuitRows.instant(row, "read_at"));
                                })
                        .list()
                        .getFirst();
        return new Snapshot(at, rows);
    }

    @Override
    public Set<CircuitKey> replace(List<Change> changes) {
        return won(writing(REPLACE, changes));
    }

    @Override
    public Set<CircuitKey> obey(List<Change> changes, OperatorAct act, @Nullable String teller) {
        OperatorAction action = act.action();
        return won(
                writing(OBEY, changes)
                        .param("id", act.id())
                        .param("at", act.at().atOffset(ZoneOffset.UTC))
                        .param("target", action.target().value())
                        .param("deed", action.deed().label())
                        .param("openMs", action.deed() instanceof Open(var t) ? t.toMillis() : null)
                        .param("reason", action.reason())
                        .param("actor", action.actor())
                        .param("moves", ActRows.moves(act.moves()))
                        .param("teller", teller)
                        .param("claim", ActTable.CLAIM_SECONDS));
    }

    private JdbcClient.StatementSpec writing(String statement, List<Change> changes) {
        return jdbc.sql(schema.in(statement))
                .param("rows", CircuitRows.json(changes))
                .param("channel", CHANNEL)
                .param("payload", hearsay.news());
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
                .param("payload", hearsay.echo())
                .query((_, _) -> true)
                .list();
    }
}
