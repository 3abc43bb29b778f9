package dev.gantry.outbox;

import com.zaxxer.hikari.HikariDataSource;

import dev.gantry.fleet.FleetSchema;
import dev.gantry.fleet.SchemaName;
import dev.gantry.fleet.WorkerName;
import dev.gantry.testbed.SharedDatabase;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.util.unit.DataSize;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

import javax.sql.DataSource;

/** A migrated schema of a test's own, and a pool as application.yml sets it up. */
public final class SpoolFixture implements AutoCloseable {
    static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");
    static final InstantSource CLOCK = InstantSource.fixed(NOW);

    private final HikariDataSource pool;

    /** For what tests ask: patient, and in nobody's way. */
    private final HikariDataSource own;

    private final SchemaName schema = new SchemaName(SharedDatabase.uniqueSchema());

    private SpoolFixture(SharedDatabase.Address address) throws InterruptedException {
        this.pool = pool(address);
        this.own = address.pool(1);
        new FleetSchema(pool, schema).awaitMigrated();
    }

    static SpoolFixture shared() throws InterruptedException {
        return new SpoolFixture(SharedDatabase.address());
    }

    public static SpoolFixture on(SharedDatabase.Address address) throws InterruptedException {
        return new SpoolFixture(address);
    }

    private static HikariDataSource pool(SharedDatabase.Address address) {
        HikariDataSource pool = address.pool(8);
        pool.setMinimumIdle(1);
        pool.setConnectionTimeout(2_000);
        pool.setInitializationFailTimeout(-1);
        pool.addDataSourceProperty("prepareThreshold", "0");
        pool.addDataSourceProperty("connectTimeout", "5");
        pool.addDataSourceProperty("socketTimeout", "30");
        return pool;
    }

    DataSource dataSource() {
        return pool;
    }

    SchemaName schema() {
        return schema;
    }

    public SpoolSettings settings() {
        return settings(1_000_000, 1L << 40);
    }

    public SpoolSettings settings(long maxRows, long maxBytes) {
        SpoolBounds bounds = new SpoolBounds(maxRows, DataSize.ofBytes(maxBytes));
        return new SpoolSettings(pool, schema, WorkerName.of("w"), bounds);
    }

    SpoolTable table() {
        return new SpoolTable(pool, schema, "w");
    }

    JdbcClient.StatementSpec sql(String statement) {
        return JdbcClient.create(own).sql(schema.in(statement));
    }

    public long rows() {
        return sql("select count(*) from ${schema}.spool").query(Long.class).single();
    }

    /** The ids of the events that wait, by the header. */
    List<String> done() {
        return sql("select topic || '/' || part || '/' || position || '@' || stamp"
                        + " from ${schema}.spool_done order by 1")
                .query((row, _) -> row.getString(1))
                .list();
    }

    /** Whether the counters agree with the rows. */
    public boolean counted() {
        return sql("""
                select (select sum(records) from ${schema}.spool_size) = count(*)
                    and (select sum(bytes) from ${schema}.spool_size) = coalesce(sum(bytes), 0)
                from ${schema}.spool
                """)
                .query(Boolean.class)
                .single();
    }

    @Override
    public void close() {
        pool.close();
        own.close();
    }
}
