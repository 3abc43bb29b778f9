package dev.gantry.outbox;

import dev.gantry.fleet.SchemaName;
import dev.gantry.fleet.ShortConnections;

import org.springframework.jdbc.core.simple.JdbcClient;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import javax.sql.DataSource;

/** The table of answers too large for the broker; the clock is the database's alone. */
final class OversizeTable {
    /** A redelivery repeats the id: the first answer stays, as consumers keep the first result. */
    private static final String KEEP =
            """
            insert into ${schema}.oversize_result (id, request_id, headers, value, bytes)
            values (:id, :request, :headers, :value, :bytes)
            on conflict (id) do nothing
            """;

    /** Workers sweep at the same time: each takes rows that no other holds. */
    private static final String EXPIRE =
            """
            delete from ${schema}.oversize_result
            where id in (
                select id from ${schema}.oversize_result
                where created_at < clock_timestamp() - make_interval(secs => :seconds)
                order by created_at limit :batch
                for update skip locked)
            """;

    private static final String COUNT = "select count(*) from ${schema}.oversize_result";

    private static final String LIST =
            """
            select id, request_id, bytes,
                extract(epoch from clock_timestamp() - created_at) * 1000 as age_ms
            from ${schema}.oversize_result
            order by created_at limit :limit
            """;

    private static final String VALUE =
            "select value from ${schema}.oversize_result where id = :id";

    private final JdbcClient jdbc;
    private final SchemaName schema;

    OversizeTable(DataSource dataSource, SchemaName schema) {
        this.jdbc = JdbcClient.create(new ShortConnections(dataSource));
        this.schema = schema;
    }

    void keep(String id, String request, byte[] headers, byte[] value) {
        jdbc.sql(schema.in(KEEP))
                .param("id", id)
                .param("request", request)
                .param("headers", headers)
                .param("value", value)
                .param("bytes", (long) value.length)
                .update();
    }

    int expire(Duration age, int batch) {
        return jdbc.sql(schema.in(EXPIRE))
                .param("seconds", age.toSeconds())
                .param("batch", batch)
                .update();
    }

    long count() {
        return jdbc.sql(schema.in(COUNT)).query(Long.class).single();
    }

    /** The oldest first. */
    List<SpoolListing.KeptAnswer> list(int limit) {
        return jdbc.sql(schema.in(LIST))
                .param("limit", limit)
                .query(
                        (row, _) ->
                                new SpoolListing.KeptAnswer(
                                        row.getString("id"),
                                        row.getString("request_id"),
                                        row.getLong("bytes"),
                                        Duration.ofMillis(row.getLong("age_ms"))))
                .list();
    }

    Optional<byte[]> value(String id) {
        return jdbc.sql(schema.in(VALUE))
                .param("id", id)
                .query((row, _) -> row.getBytes("value"))
                .optional();
    }
}
