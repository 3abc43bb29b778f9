package dev.gantry.testbed;

import com.zaxxer.hikari.HikariDataSource;

import dev.gantry.fleet.FleetSchema;
import dev.gantry.fleet.SchemaName;

import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * A schema of a test's own on the shared database, empty at first, and a pool of connections.
 *
 * @param pool closed with it
 */
public record OwnSchema(SchemaName name, HikariDataSource pool) implements AutoCloseable {
    /** At most so many connections. */
    public OwnSchema(int most) {
        this(new SchemaName(SharedDatabase.uniqueSchema()), SharedDatabase.pool(most));
    }

    public void migrate() throws InterruptedException {
        new FleetSchema(pool, name).migrate();
    }

    /** A statement with {@code ${schema}} for the schema's name. */
    public JdbcClient.StatementSpec sql(String statement) {
        return JdbcClient.create(pool).sql(name.in(statement));
    }

    /** Rows of one of its tables. */
    public int count(String table) {
        return sql("select count(*) from ${schema}." + table).query(Integer.class).single();
    }

    @Override
    public void close() {
        pool.close();
    }
}
