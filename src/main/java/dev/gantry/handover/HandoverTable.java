package dev.gantry.handover;

import dev.gantry.fleet.SchemaName;
import dev.gantry.fleet.ShortConnections;
import dev.gantry.inference.SourcePosition;

import org.apache.kafka.common.TopicPartition;
import org.springframework.jdbc.core.RowMapper;
import org.springframework.jdbc.core.simple.JdbcClient;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntFunction;

import javax.sql.DataSource;

/** The table of requests that outlast the ownership of their partitions. */
final class HandoverTable {
    /** Where ends are told; the payload is whose schema's they are. */
    static final String CHANNEL = "gantry_handover";

    /** As the heartbeat's: five beats missed in a row. */
    static final Duration DEAD_AFTER = Duration.ofSeconds(10);

    /** So long at most somebody's last beat is ago while beats can be written. */
    private static final Duration BEATEN_WITHIN = Duration.ofSeconds(5);

    /**
     * Of rows that no owner has passed, such as where none knows of them. What was done after the
     * last worker had left is known by them alone, however long the fleet rests.
     */
    private static final Duration SWEPT_AFTER = Duration.ofDays(30);

    /** Whoever wrote it last was the partition's owner; what is done stays done. */
    private static final String GIVE =
            """
            insert into ${schema}.handover (topic, part, position, stamp, worker)
            select given.*, :worker from unnest(:topics, :parts, :positions, :stamps) as given
            on conflict (topic, part, position, stamp) do update
            set worker = excluded.worker, given_at = clock_timestamp()
            """;

    private static final String ABOVE =
            """
            select row.topic, row.part, row.position, row.stamp, row.worker, row.done,
                not exists (
                    select from ${schema}.worker heard
                    where heard.id = row.worker
                        and heard.last_seen >= clock_timestamp() - make_interval(secs => :seconds))
            from ${schema}.handover row
            join unnest(:topics, :parts, :marks) as asked (topic, part, mark)
                on row.topic = asked.topic and row.part = asked.part
                and row.position >= asked.mark
            order by row.stamp -- of two records at one offset the later one stands there now
            """;

    private static final String DONE =
            """
            update ${schema}.handover row set done = true
            from unnest(:topics, :parts, :positions, :stamps) as told (topic, part, position, stamp)
            where row.topic = told.topic and row.part = told.part
                and row.position = told.position and row.stamp = told.stamp
                and row.worker = :worker
            """;

    private static final String GIVE_UP =
            """
            delete from ${schema}.handover row
            using unnest(:topics, :parts, :positions, :stamps) as told (topic, part, position, stamp)
            where row.topic = told.topic and row.part = told.part
                and row.position = told.position and row.stamp = told.stamp
                and row.worker = :worker and not row.done
            returning row.topic, row.part, row.position, row.stamp
            """;

    private static final String OWN =
            """
            select topic, part, position, stamp
            from ${schema}.handover where worker = :worker and not done
            """;

    private static final String FORGET =
            """
            delete from ${schema}.handover row
            using unnest(:topics, :parts, :marks) as passed (topic, part, mark)
            where row.topic = passed.topic and row.part = passed.part
                and row.position < passed.mark
            """;

    private static final String SWEEP =
            """
            delete from ${schema}.handover row
            where row.given_at < clock_timestamp() - make_interval(secs => :age)
                and (row.done or not exists (
                    select from ${schema}.worker heard
                    where heard.id = row.worker
                        and heard.last_seen >= clock_timestamp() - make_interval(secs => :seconds)))
            """;

    private static final String HEARS =
            """
            select exists (
                select from ${schema}.worker
                where last_seen >= clock_timestamp() - make_interval(secs => :seconds))
            """;

    private static final String TELL = "select pg_notify(:channel, :schema)";

    private static final RowMapper<SourcePosition> REQUEST =
            (row, _) ->
                    new SourcePosition(
                            row.getString(1), row.getInt(2), row.getLong(3), row.getLong(4));

    private final JdbcClient jdbc;
    private final SchemaName schema;

    HandoverTable(DataSource dataSource, SchemaName schema) {
        this.jdbc = JdbcClient.create(new ShortConnections(dataSource));
        this.schema = schema;
    }

    void give(Collection<SourcePosition> requests, String worker) {
        of(GIVE, requests).param("worker", worker).update();
    }

    List<HandoverRow> above(Map<TopicPartition, Long> watermarks) {
        return from(ABOVE, watermarks)
                .param("seconds", DEAD_AFTER.toSeconds())
                .query(
                        (row, number) ->
                                new HandoverRow(
                                        REQUEST.mapRow(row, number),
                                        row.getString(5),
                                        row.getBoolean(6),
                                        row.getBoolean(7)))
                .list();
    }

    void done(Collection<SourcePosition> requests, String worker) {
        of(DONE, requests).param("worker", worker).update();
    }

    /** Who waits for something to end had better look. */
    void tell() {
        jdbc.sql(TELL)
                .param("channel", CHANNEL)
                .param("schema", schema.value())
                .query((row, _) -> row.getString(1))
                .list();
    }

    /** Takes away what the worker has not done; returns what was there. */
    List<SourcePosition> giveUp(Collection<SourcePosition> requests, String worker) {
        return of(GIVE_UP, requests).param("worker", worker).query(REQUEST).list();
    }

    /** What the worker has written and not done. */
    List<SourcePosition> own(String worker) {
        return jdbc.sql(schema.in(OWN)).param("worker", worker).query(REQUEST).list();
    }

    /** Deletes what lies below the watermarks. */
    void forget(Map<TopicPartition, Long> watermarks) {
        from(FORGET, watermarks).update();
    }

    /** Whether anybody's heartbeat is heard now; if not, silence says nothing. */
    boolean hears() {
        return jdbc.sql(schema.in(HEARS))
                .param("seconds", BEATEN_WITHIN.toSeconds())
                .query(Boolean.class)
                .single();
    }

    void sweep() {
        jdbc.sql(schema.in(SWEEP))
                .param("age", SWEPT_AFTER.toSeconds())
                .param("seconds", DEAD_AFTER.toSeconds())
                .update();
    }

    private JdbcClient.StatementSpec of(String sql, Collection<SourcePosition> requests) {
        return jdbc.sql(schema.in(sql))
                .param("topics", array(requests, SourcePosition::topic, String[]::new))
                .param("parts", array(requests, SourcePosition::partition, Integer[]::new))
                .param("positions", array(requests, SourcePosition::offset, Long[]::new))
                .param("stamps", array(requests, SourcePosition::timestamp, Long[]::new));
    }

    private JdbcClient.StatementSpec from(String sql, Map<TopicPartition, Long> watermarks) {
        var marks = watermarks.entrySet();
        return jdbc.sql(schema.in(sql))
                .param("topics", array(marks, each -> each.getKey().topic(), String[]::new))
                .param("parts", array(marks, each -> each.getKey().partition(), Integer[]::new))
                .param("marks", array(marks, Map.Entry::getValue, Long[]::new));
    }

    private static <T, R> R[] array(Collection<T> of, Function<T, R> part, IntFunction<R[]> made) {
        return of.stream().map(part).toArray(made);
    }
}
