package dev.gantry.fleet;

import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

import java.sql.Types;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;

import javax.sql.DataSource;

/** The table of who is alive; the clock is the database's alone. */
final class WorkerTable {
    /** Missing five beats in a row is dead. */
    static final Duration DEAD_AFTER = Duration.ofSeconds(10);

    /** Long enough to see in the table who died. */
    static final Duration SWEPT_AFTER = Duration.ofHours(1);

    /** A row swept during a long outage comes back with its worker. */
    private static final String BEAT =
            """
            insert into ${schema}.worker (id, name, version, lanes)
            values (:id, :name, :version, cast(:lanes as jsonb))
            on conflict (id) do update
            set last_seen = clock_timestamp(), lanes = coalesce(excluded.lanes, worker.lanes)
            returning lanes is not null
            """;

    private static final String REMOVE = "delete from ${schema}.worker where id = :id";

    private static final String SWEEP =
            """
            delete from ${schema}.worker
            where last_seen < clock_timestamp() - make_interval(secs => :seconds)
            """;

    private static final String LIVE =
            """
            select id, name, version, started_at, last_seen
            from ${schema}.worker
            where last_seen >= clock_timestamp() - make_interval(secs => :seconds)
            order by id
            """;

    private final JdbcClient jdbc;
    private final SchemaName schema;

    WorkerTable(DataSource dataSource, SchemaName schema) {
        this.jdbc = JdbcClient.create(dataSource);
        this.schema = schema;
    }

    /**
     * Returns whether lanes stand there now.
     *
     * @param lanes as JSON; null: those that stand there already
     */
    boolean beat(WorkerName worker, String version, @Nullable String lanes) {
        return jdbc.sql(schema.in(BEAT))
                .param("id", worker.id())
                .param("name", worker.name())
                .param("version", version)
                .param("lanes", lanes, Types.VARCHAR)
                .query(Boolean.class)
                .single();
    }

    void remove(WorkerName worker) {
        jdbc.sql(schema.in(REMOVE)).param("id", worker.id()).update();
    }

    int sweep(Duration silence) {
        return jdbc.sql(schema.in(SWEEP)).param("seconds", silence.toSeconds()).update();
    }

    List<FleetMember> live() {
        return jdbc.sql(schema.in(LIVE))
                .param("seconds", DEAD_AFTER.toSeconds())
                .query(
                        (row, _) ->
                                new FleetMember(
                                        row.getString("id"),
                                        row.getString("name"),
                                        row.getString("version"),
                                        row.getObject("started_at", OffsetDateTime.class)
                                                .toInstant(),
                                        row.getObject("last_seen", OffsetDateTime.class)
                                                .toInstant()))
                .list();
    }
}
