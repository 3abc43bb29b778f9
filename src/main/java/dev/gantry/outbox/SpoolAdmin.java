package dev.gantry.outbox;

import dev.gantry.fleet.SchemaName;

import org.springframework.jdbc.core.simple.JdbcClient;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

import javax.sql.DataSource;

/** What operators see of the spool, and their way out for records that were set aside. */
public final class SpoolAdmin {
    /** Of each kind, so that a page stays a page. */
    private static final int LISTED = 100;

    private static final String DEPTH =
            """
            select topic, count(*) as records, sum(bytes) as bytes,
                extract(epoch from clock_timestamp() - min(created_at)) * 1000 as age_ms
            from ${schema}.spool
            where set_aside is null
            group by topic order by topic
            """;

    private static final String ASIDE_COUNT =
            "select count(*) from ${schema}.spool where set_aside is not null";

    private static final String ASIDE =
            """
            select id, topic, bytes, set_aside,
                extract(epoch from clock_timestamp() - created_at) * 1000 as age_ms
            from ${schema}.spool
            where set_aside is not null
            order by id limit :limit
            """;

    private static final String RETRY =
            """
            update ${schema}.spool set set_aside = null
            where set_aside is not null and id = :id
            """;

    private static final String RETRY_ALL =
            "update ${schema}.spool set set_aside = null where set_aside is not null";

    private final JdbcClient jdbc;
    private final SchemaName schema;
    private final OversizeTable answers;
    private final SpoolRepair repair;

    /**
     * @param repair for what is published of it
     */
    public SpoolAdmin(DataSource dataSource, SchemaName schema, SpoolRepair repair) {
        this.repair = repair;
        this.jdbc = JdbcClient.create(dataSource);
        this.schema = schema;
        this.answers = new OversizeTable(dataSource, schema);
    }

    public SpoolListing listing() {
        return new SpoolListing(
                jdbc.sql(schema.in(DEPTH)).query((row, _) -> depth(row)).list(),
                jdbc.sql(schema.in(ASIDE_COUNT)).query(Long.class).single(),
                jdbc.sql(schema.in(ASIDE))
                        .param("limit", LISTED)
                        .query((row, _) -> aside(row))
                        .list(),
                answers.count(),
                answers.list(LISTED));
    }

    /** The result that was kept, byte for byte; empty if there is none or its time is over. */
    public Optional<byte[]> answer(String id) {
        return answers.value(id);
    }

    /** Has workers try a record again; false if none of that id is set aside. */
    public boolean retry(long id) {
        return jdbc.sql(schema.in(RETRY)).param("id", id).update() == 1;
    }

    /** Has workers try again all that is set aside; returns how many records that are. */
    public int retryAll() {
        return jdbc.sql(schema.in(RETRY_ALL)).update();
    }

    /**
     * Deletes a record that was set aside, and has a worker tell the audit; empty if none of that
     * id is set aside.
     */
    public Optional<SpoolListing.SetAside> drop(long id, String reason, String actor) {
        return repair.drop(id, reason, actor)
                .map(
                        gone ->
                                new SpoolListing.SetAside(
                                        id,
                                        gone.topic(),
                                        gone.bytes(),
                                        gone.age(),
                                        gone.setAside()));
    }

    /** Counts the rows and sets right what bounds the spool and what is shown of it. */
    public SpoolListing.Count recount() {
        SpoolRepair.Count count = repair.recount();
        return new SpoolListing.Count(
                count.records(), count.bytes(), count.missingRecords(), count.missingBytes());
    }

    private static SpoolListing.Depth depth(ResultSet row) throws SQLException {
        return new SpoolListing.Depth(
                row.getString("topic"), row.getLong("records"), row.getLong("bytes"), age(row));
    }

    private static SpoolListing.SetAside aside(ResultSet row) throws SQLException {
        return new SpoolListing.SetAside(
                row.getLong("id"),
                row.getString("topic"),
                row.getLong("bytes"),
                age(row),
                row.getString("set_aside"));
    }

    private static Duration age(ResultSet row) throws SQLException {
        return Duration.ofMillis(row.getLong("age_ms"));
    }
}
